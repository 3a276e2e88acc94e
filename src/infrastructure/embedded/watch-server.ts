import { setTimeout as sleep } from 'node:timers/promises';

const CHECK_INTERVAL_MS = 1_000;
/** Restarts in a row, without a healthy minute between them, after which the watch ends. */
const MAX_RESTARTS = 10;
const MAX_RESTART_DELAY_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;

export interface WatchedServer {
  isRunning(): Promise<boolean>;
  restart(): Promise<void>;
}

/** Checks every second that a server runs and restarts one that has died, until the signal aborts. */
export async function watchServer(
  server: WatchedServer,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<void> {
  let restarts = 0;
  let restartedAt = 0;
  let delayMs = CHECK_INTERVAL_MS;
  while (await sleep(delayMs, true, { ref: false, signal }).catch(() => false)) {
    delayMs = CHECK_INTERVAL_MS;
    try {
      if (await server.isRunning()) {
        if (Date.now() - restartedAt > HEALTHY_AFTER_MS) restarts = 0;
        continue;
      }
      if (restarts === MAX_RESTARTS) {
        onProgress(
          `PostgreSQL keeps ending and is not started again after ${MAX_RESTARTS} attempts; see its log`,
        );
        return;
      }
      restarts += 1;
      restartedAt = Date.now();
      await server.restart();
    } catch (error) {
      onProgress(
        `PostgreSQL could not be restarted: ${error instanceof Error ? error.message : String(error)}`,
      );
      delayMs = Math.min(CHECK_INTERVAL_MS * 2 ** restarts, MAX_RESTART_DELAY_MS);
    }
  }
}
