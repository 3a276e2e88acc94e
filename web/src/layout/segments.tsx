import { useId } from 'preact/hooks';

interface SegmentsProps<T extends string | number> {
  /** Names the group for screen readers. */
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly text: string; readonly spoken?: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A choice of few, all in sight. */
export function Segments<T extends string | number>({ label, options, value, onChange }: SegmentsProps<T>) {
  const name = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            aria-label={option.spoken ?? option.text}
            onChange={() => {
              onChange(option.value);
            }}
          />
          <span aria-hidden="true">{option.text}</span>
        </label>
      ))}
    </div>
  );
}
