import type { AppParts } from './app-context.js';

/** Exceeds a glance at another tab. Browsers allow six connections to a host, and each stream takes one. */
const HIDDEN_MS = 30_000;

/** Keeps the live connection while there is a token and the page is in sight, and a moment longer. */
export function keepConnected({ session, live, resources }: AppParts): void {
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  const isShown = (): boolean => document.visibilityState === 'visible';
  const connect = (): void => {
    if (isShown() && session.get().token !== null) live.connection.start();
  };

  session.subscribe(() => {
    live.connection.stop();
    // Figures of one token are not shown to the bearer of the next.
    live.figures.forget();
    resources.clear();
    connect();
  });
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (isShown()) connect();
    else
      hiddenTimer = setTimeout(() => {
        live.connection.stop();
      }, HIDDEN_MS);
  });
  window.addEventListener('online', connect);
  connect();
}
