import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { heatClass } from '../../ui/heat-scale.js';
import { HeatLegend } from '../../ui/heat-legend.js';
import { RETENTION_MESSAGES } from './retention-messages.js';
import type { RetentionCell, RetentionRow, RetentionTriangle } from './retention-model.js';

interface RetentionTableProps {
  readonly triangle: RetentionTriangle;
  readonly caption: string;
}

/** A heat map that is a table: each cell says its rate, and its shade repeats it. */
export function RetentionTable({ triangle, caption }: RetentionTableProps) {
  const { t, format } = useI18n();
  const texts = useMessages(RETENTION_MESSAGES);
  const { after, rows, means, maxRate } = triangle;
  return (
    <>
      {/* A scrolled region is reached by keyboard. */}
      <div class="heat-scroll" role="region" aria-label={caption} tabIndex={0}>
        <table class="heat-table">
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.day}</th>
              <th scope="col">{texts.size}</th>
              {after.map((days) => (
                <th scope="col" title={texts.afterLong(days)}>
                  {texts.after(days)}
                </th>
              ))}
            </tr>
            <tr class="heat-means">
              <th scope="row" title={texts.meanLong}>
                {texts.mean}
              </th>
              <td />
              {means.map((rate) => (
                <td>{rate === null ? '' : format.percent(rate)}</td>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.day}>
                <th scope="row" title={format.longDay(row.day)}>
                  {format.day(row.day)}
                  {row.isProvisional && <span class="visually-hidden">, {t.chart.provisional}</span>}
                </th>
                <td class={row.isProvisional ? 'heat-provisional' : undefined}>{format.count(row.size)}</td>
                {row.cells.map((cell) => (
                  <RateCell cell={cell} row={row} maxRate={maxRate} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <HeatLegend label={texts.scale} max={maxRate} format={format.percent}>
        {rows.some(({ isProvisional }) => isProvisional) && (
          <span class="heat-provisional heat-key">{t.chart.provisional}</span>
        )}
      </HeatLegend>
    </>
  );
}

interface RateCellProps {
  readonly cell: RetentionCell | null;
  readonly row: RetentionRow;
  readonly maxRate: number;
}

function RateCell({ cell, row, maxRate }: RateCellProps) {
  const { t, format } = useI18n();
  const texts = useMessages(RETENTION_MESSAGES);
  // A day that is not over yet has no rate, and an empty cohort has none either: neither is a rate of 0.
  if (cell === null || row.size === 0) return <td />;
  const counted = texts.counted(format.count(cell.count), format.count(row.size));
  return (
    <td
      class={`${heatClass(cell.rate, maxRate)} ${cell.isProvisional ? 'heat-provisional' : ''}`}
      title={counted + (cell.isProvisional ? `, ${t.chart.provisional}` : '')}
    >
      {format.percent(cell.rate)}
    </td>
  );
}
