import { useI18n } from '../i18n/use-i18n.js';
import { useToday } from '../state/use-app.js';
import { freshness } from './freshness.js';

export interface FootModel {
  /** Instant of counting, Unix milliseconds; absent where the answer of the service does not say. */
  readonly countedAtMs?: number | undefined;
  readonly isProvisional?: boolean;
  readonly notes?: readonly string[];
}

interface CardFootProps extends FootModel {
  /** Instant at which the answer arrived. */
  readonly answeredAtMs: number | null;
}

/** Says how fresh a figure is. */
export function CardFoot({ countedAtMs, answeredAtMs, isProvisional, notes = [] }: CardFootProps) {
  const { t, format } = useI18n();
  const fresh = freshness({ countedAtMs, answeredAtMs }, useToday(), t.card, format);
  return (
    <p class="card-foot">
      {fresh !== null && (
        <time dateTime={new Date(fresh.atMs).toISOString()} title={format.dateTime(fresh.atMs)}>
          {fresh.text}
        </time>
      )}
      {isProvisional === true && <span class="tag">{t.card.provisional}</span>}
      {notes.map((note) => (
        <span>{note}</span>
      ))}
    </p>
  );
}
