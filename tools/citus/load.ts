import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { eventLog } from '../../test/support/builders.js';
import { sleep } from '../../test/support/processes.js';
import type { Ledger } from './ledger.js';
import type { Stage } from './stage.js';

const WRITERS = 4;
const EVENTS_OF_A_REQUEST = 50;
const USERS = 5000;
const PAUSE_MS = 150;
const RETRY_MS = 100;

export interface Load {
  /** Requests that failed and were sent again. */
  readonly failures: number;
  /** Time of the slowest answer in milliseconds. */
  readonly slowestMs: number;
  /** Ends the load once its last requests are acknowledged. */
  stop(): Promise<void>;
}

export function sessionOf(user: number): EventLog {
  return eventLog({
    userId: String(user),
    installId: `install-${user}-00`,
    at: new Date(),
    properties: { province: '广东省' },
  });
}

/** Sends requests with events of all buckets, each again until it is acknowledged, as devices do. */
export function startLoad({ eventLog: log }: Stage, ledger: Ledger): Load {
  let isRunning = true;
  let failures = 0;
  let slowestMs = 0;
  const isStored = async (request: readonly EventLog[]): Promise<boolean> => {
    const sentMs = performance.now();
    try {
      await log.batchInsert(request);
      return true;
    } catch {
      failures++;
      return false;
    } finally {
      slowestMs = Math.max(slowestMs, performance.now() - sentMs);
    }
  };
  const writers = Array.from({ length: WRITERS }, async () => {
    while (isRunning) {
      const request = Array.from({ length: EVENTS_OF_A_REQUEST }, () =>
        sessionOf(1 + Math.floor(Math.random() * USERS)),
      );
      while (!(await isStored(request))) await sleep(RETRY_MS);
      ledger.acknowledge(request);
      await sleep(PAUSE_MS);
    }
  });
  return {
    get failures() {
      return failures;
    },
    get slowestMs() {
      return slowestMs;
    },
    stop: async () => {
      isRunning = false;
      await Promise.all(writers);
    },
  };
}
