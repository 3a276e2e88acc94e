import type uPlot from 'uplot';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useI18n } from '../i18n/use-i18n.js';
import type { ChartDetail, ChartSeries } from './chart-model.js';

interface LegendProps {
  readonly series: readonly ChartSeries[];
  readonly hasProvisional: boolean;
}

export function Legend({ series, hasProvisional }: LegendProps) {
  const { t } = useI18n();
  const [first] = series;
  return (
    <ul class="legend">
      {series.map((one) => (
        <li>
          <Swatch series={one} />
          {one.label}
        </li>
      ))}
      {hasProvisional && first !== undefined && (
        <li>
          <Swatch series={first} isProvisional />
          {t.chart.provisional}
        </li>
      )}
    </ul>
  );
}

function Swatch({ series, isProvisional = false }: { series: ChartSeries; isProvisional?: boolean }) {
  const isBars = series.kind === 'bars';
  const kind = isBars ? 'swatch-bars' : '';
  const open = isProvisional ? (isBars ? 'swatch-hatched' : 'swatch-dashed') : '';
  const dashed = series.isDashed === true ? 'swatch-dashed' : '';
  return <span class={`swatch ${kind} ${open} ${dashed} colour-${series.colour}`} aria-hidden="true" />;
}

interface TooltipProps {
  readonly plot: uPlot | null;
  readonly x: number;
  readonly title: string;
  readonly isProvisional: boolean;
  readonly rows: readonly { readonly of: ChartSeries | ChartDetail; readonly value: number | null }[];
  readonly format: (value: number) => string;
}

/** Shows the values at the cursor; the plot's element says them to screen readers. */
export function Tooltip({ plot, x, title, isProvisional, rows, format }: TooltipProps) {
  const { t } = useI18n();
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || plot === null) return;
    const { over, root } = plot;
    const host = root.parentElement;
    const at = over.offsetLeft + plot.valToPos(x, 'x');
    const width = host?.clientWidth ?? 0;
    const left = at + 12 + element.offsetWidth > width ? at - 12 - element.offsetWidth : at + 12;
    const top = (host?.offsetTop ?? 0) + over.offsetTop;
    element.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
  });
  return (
    <div class="tooltip" ref={ref} aria-hidden="true">
      <p class="tooltip-title">
        {title}
        {isProvisional && ` · ${t.chart.provisional}`}
      </p>
      <ul>
        {rows.map(({ of, value }) => (
          <li>
            {'kind' in of && <Swatch series={of} />}
            <span>{of.label}</span>
            <span>{value === null ? t.chart.none : format(value)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
