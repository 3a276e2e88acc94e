export interface NamedNumber {
  readonly label: string;
  readonly value: string;
  /** Stands behind the value, smaller. */
  readonly note?: string | undefined;
}

/** The few numbers that a panel is looked at for. */
export function Numbers({ numbers }: { readonly numbers: readonly NamedNumber[] }) {
  return (
    <dl class="numbers">
      {numbers.map(({ label, value, note }) => (
        <div class="number">
          <dt>{label}</dt>
          <dd>
            {value}
            {note !== undefined && <small> {note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
