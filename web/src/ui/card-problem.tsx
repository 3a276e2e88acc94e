import { useContext, useEffect } from 'preact/hooks';
import type { Problem } from '../api/problem.js';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';
import { useNow } from '../state/use-app.js';

interface FailedFigure {
  readonly asOfMs: number | null;
  readonly retryAtMs: number | null;
  readonly retry: () => void;
}

interface ProblemProps {
  readonly problem: Problem;
  readonly figure: FailedFigure;
}

/** Tells the page that a figure is missing or old; `Announcement` speaks for all cards. */
function useTrouble(): void {
  const { troubles } = useContext(AppContext);
  useEffect(() => troubles.begin(), [troubles]);
}

/** Takes the place of a figure that never arrived. */
export function CardFailure({ problem, figure }: ProblemProps) {
  const { t } = useI18n();
  useTrouble();
  return (
    <div class="card-body">
      <div class="card-state" data-problem={problem.kind}>
        <p>{t.problem[problem.kind]}</p>
        {problem.code !== null && (
          <p class="detail" title={problem.detail ?? undefined}>
            {t.problem.code(problem.code)}
          </p>
        )}
        <p class="detail">
          <RetryCountdown retryAtMs={figure.retryAtMs} />
        </p>
        <RetryButton retry={figure.retry} />
      </div>
    </div>
  );
}

/** Stands above a figure that could not be renewed. */
export function StaleNotice({ problem, figure }: ProblemProps) {
  const { t, format } = useI18n();
  useTrouble();
  const nowMs = useNow(1_000);
  const age = figure.asOfMs === null ? 0 : Math.max(0, nowMs - figure.asOfMs) / 1000;
  return (
    <div class="card-notice" data-problem={problem.kind}>
      <strong>{t.card.stale(format.duration(age))}</strong>
      <span>{t.problem[problem.kind]}</span>
      <RetryCountdown retryAtMs={figure.retryAtMs} />
      <RetryButton retry={figure.retry} />
    </div>
  );
}

function RetryButton({ retry }: { readonly retry: () => void }) {
  const { t } = useI18n();
  return (
    <button type="button" class="button button-small" onClick={retry}>
      {t.card.retry}
    </button>
  );
}

function RetryCountdown({ retryAtMs }: { readonly retryAtMs: number | null }) {
  const { t } = useI18n();
  const nowMs = useNow(1_000);
  if (retryAtMs === null) return null;
  // Screen readers are not told each second.
  return <span aria-hidden="true">{t.card.retryIn(Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000)))}</span>;
}
