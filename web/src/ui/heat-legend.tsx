import type { ComponentChildren } from 'preact';
import { HEAT_STEPS, heatBounds } from './heat-scale.js';

interface HeatLegendProps {
  readonly label: string;
  /** The largest value shown. */
  readonly max: number;
  readonly format: (value: number) => string;
  /** Stands behind the shades. */
  readonly children?: ComponentChildren;
}

/** Says which shade stands for which values. */
export function HeatLegend({ label, max, format, children }: HeatLegendProps) {
  const bounds = heatBounds(max);
  return (
    <p class="heat-legend">
      <span>{label}</span>
      <span>{format(0)}</span>
      <span class="heat-ramp" aria-hidden="true">
        {Array.from({ length: HEAT_STEPS }, (_, index) => (
          <span class={`heat-${index + 1}`} title={`≤ ${format(bounds[index] ?? 0)}`} />
        ))}
      </span>
      <span>{format(max)}</span>
      {children}
    </p>
  );
}
