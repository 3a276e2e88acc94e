import type { Catalogue } from '../../i18n/en.js';
import type { Formats } from '../../i18n/formats.js';
import type { TableModel } from '../../ui/data-table.js';
import type { RETENTION_MESSAGES } from './retention-messages.js';
import type { RetentionRow, RetentionTriangle } from './retention-model.js';

type Texts = (typeof RETENTION_MESSAGES)['en'];
type ChartTexts = Pick<Catalogue['chart'], 'state' | 'final' | 'provisional'>;

/** Returns the triangle as text: users and rate of each cell, and what may still change. */
export function toTable(
  { after, rows }: RetentionTriangle,
  texts: Texts,
  chart: ChartTexts,
  format: Formats,
): TableModel {
  const cellsOf = ({ size, cells }: RetentionRow): string[] =>
    cells.map((cell) => {
      // A day that is not over yet has no rate, and an empty cohort has none either.
      if (cell === null) return '';
      const count = format.count(cell.count);
      const text = size === 0 ? count : texts.countedRate(count, format.percent(cell.rate));
      return cell.isProvisional ? `${text}, ${chart.provisional}` : text;
    });
  return {
    columns: [texts.day, texts.size, ...after.map(texts.afterLong), chart.state],
    rows: rows.map((row) => [
      ...[format.longDay(row.day), format.count(row.size)],
      ...cellsOf(row),
      row.isFinal ? chart.final : row.isProvisional ? chart.provisional : '–',
    ]),
  };
}
