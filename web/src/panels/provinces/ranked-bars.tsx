import { useI18n } from '../../i18n/use-i18n.js';

/** Names come from clients, so their number has no bound. */
export const MAX_BARS = 30;

export interface RankedBar {
  readonly key: string;
  readonly name: string;
  /** Stands behind the name, smaller. */
  readonly note?: string | undefined;
  readonly count: number;
  readonly isChosen?: boolean;
}

interface RankedBarsProps {
  /** Names the list for screen readers and tests. */
  readonly title: string;
  readonly bars: readonly RankedBar[];
  /** The value of the longest bar. */
  readonly max: number;
  /** The whole of which each count is a share; without it no shares are shown. */
  readonly total?: number;
}

/** Places with their counts, each over a bar. */
export function RankedBars({ title, bars, max, total }: RankedBarsProps) {
  const { format } = useI18n();
  return (
    <ol class="ranked" aria-label={title}>
      {bars.map(({ key, name, note, count, isChosen }) => (
        <li key={key} class="ranked-row" data-chosen={isChosen === true}>
          {/* A name that is longer than its column is cut off. */}
          <span class="ranked-name" title={note === undefined ? name : `${name}, ${note}`}>
            {name}
            {note !== undefined && <small> {note}</small>}
          </span>
          <span class="ranked-count">{format.count(count)}</span>
          {total !== undefined && total > 0 && (
            <span class="ranked-share">{format.percent(count / total)}</span>
          )}
          <span class="ranked-track" aria-hidden="true">
            <span class="ranked-bar" style={{ width: `${max === 0 ? 0 : (100 * count) / max}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}
