import type { AppParts } from './app-context.js';

/** A page that nobody looks at for so long needs no socket. */
const HIDDEN_MS = 5 * 60_000;

/** Keeps the live connection while there is a token and somebody may look; returns at once when the page is shown. */
export function keepConnected({ session, live, resources }: AppParts): void {
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  const connect = (): void => {
    if (session.get().token !== null) live.connection.start();
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
    if (document.visibilityState === 'visible') connect();
    else
      hiddenTimer = setTimeout(() => {
        live.connection.stop();
      }, HIDDEN_MS);
  });
  window.addEventListener('online', connect);
  connect();
}
