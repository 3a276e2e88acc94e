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
  const isStored = (request: readonly EventLog[]): Promise<boolean> =>
    log.batchInsert(request).then(
      () => true,
      () => {
        failures++;
        return false;
      },
    );
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
    stop: async () => {
      isRunning = false;
      await Promise.all(writers);
    },
  };
}
