import { useContext } from 'preact/hooks';
import type { LiveState } from '../api/live.js';
import type { Catalogue } from '../i18n/en.js';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';
import { useLiveState, useNow } from '../state/use-app.js';

const TONES: Readonly<Record<LiveState['phase'], string>> = {
  connecting: '',
  open: 'tag-good',
  waiting: 'tag-warn',
  refused: 'tag-bad',
  stopped: '',
};

/** Says whether figures are being pushed, and when the next attempt is. */
export function Connection() {
  const { t } = useI18n();
  const { live } = useContext(AppContext);
  const state = useLiveState();
  const text = textOf(state, t, useNow(1_000));
  const canRetry = state.phase === 'waiting' || state.phase === 'refused';
  return (
    <div class="connection" role="group" aria-label={t.connection.label}>
      <span class={`tag ${TONES[state.phase]}`} data-phase={state.phase}>
        <span class="dot" aria-hidden="true" />
        {text}
      </span>
      {/* Announces the change once, not each second of the wait. */}
      <span class="visually-hidden" role="status">
        {t.connection[state.phase === 'waiting' ? 'interrupted' : state.phase]}
      </span>
      {canRetry && (
        <button
          type="button"
          class="button button-small"
          onClick={() => {
            live.connection.start();
          }}
        >
          {t.connection.retry}
        </button>
      )}
    </div>
  );
}

function textOf(state: LiveState, t: Catalogue, nowMs: number): string {
  if (state.phase !== 'waiting') return t.connection[state.phase];
  return t.connection.waiting(Math.max(0, Math.ceil((state.retryAtMs - nowMs) / 1000)));
}
