import { useI18n } from '../i18n/use-i18n.js';

export interface FootModel {
  /** When the figure was right, Unix milliseconds; by default when its answer arrived. */
  readonly asOfMs?: number | null;
  readonly version?: number | undefined;
  readonly isProvisional?: boolean;
  readonly notes?: readonly string[];
}

/** Says how fresh a figure is. */
export function CardFoot({ asOfMs, version, isProvisional, notes = [] }: FootModel) {
  const { t, format } = useI18n();
  return (
    <p class="card-foot">
      {asOfMs !== undefined && asOfMs !== null && (
        <time dateTime={new Date(asOfMs).toISOString()} title={format.dateTime(asOfMs)}>
          {t.card.asOf(format.preciseTime(asOfMs))}
        </time>
      )}
      {version !== undefined && <span>{t.card.version(version)}</span>}
      {isProvisional === true && <span class="tag">{t.card.provisional}</span>}
      {notes.map((note) => (
        <span>{note}</span>
      ))}
    </p>
  );
}
