import { compare, type ComparisonSteps } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog } from '../support/event-log.js';
import { insertRows, type Load } from '../support/load.js';
import { expectEventsStored } from '../support/load-checks.js';
import { measureService, warmUp } from '../support/measure-load.js';
import type { Comparison } from '../support/results.js';

const BATCH_SIZE = 100;
export const INGEST_CONNECTIONS = 16;

/** The limit of ingest, as the tables name it. */
export const BARE_INSERTS_LABEL = 'pg, INSERT … unnest of 1,000 rows into the bare log table';
export const BATCHES: Load = { kind: 'events', batchSize: BATCH_SIZE, connections: INGEST_CONNECTIONS };

export async function compareBatches(context: BenchContext): Promise<Comparison> {
  await warmUp(context, BATCHES);
  return compare(
    context,
    {
      id: 'event-batches',
      work: `Events in batches of ${BATCH_SIZE}, ${INGEST_CONNECTIONS} connections, durable answer`,
      limitedBy: BARE_INSERTS_LABEL,
      unit: 'events/s',
      goal: { atLeast: 0.42, cpuMicrosecondsAtMost: 18 },
    },
    { reset: () => emptyLog(context.servers), ...batchSteps(context) },
  );
}

/** Measures rows that the driver inserts into the bare table, and events that the service stores in the log. */
export function batchSteps(context: BenchContext): Pick<ComparisonSteps, 'measureLimit' | 'measureService'> {
  const { servers, scale } = context;
  return {
    measureLimit: async () => {
      const { rows, seconds } = await insertRows({
        databaseUrl: servers.database.ownerUrl,
        connections: INGEST_CONNECTIONS,
        seconds: scale.seconds,
      });
      return { value: rows / seconds };
    },
    measureService: () => measureService(context, BATCHES, expectEventsStored(context, BATCHES)),
  };
}
