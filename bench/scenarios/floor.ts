import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog, type BenchLog } from '../support/event-log.js';
import { startEmptyRoute, type Load, type RunningProgram } from '../support/load.js';
import { expectEventsStored, expectUsersOnline, type LoadCheck } from '../support/load-checks.js';
import { startFloor } from '../support/floor.js';
import { measureEmptyProgram, measureFloor, measureService, warmUp } from '../support/measure-load.js';
import type { Comparison } from '../support/results.js';
import { BATCHES } from './batches.js';

const FLOOR_LABEL = 'hand-written Fastify routes with the same statement, ZADD and Kafka records';
const CONNECTIONS = 64;

interface Subject {
  readonly id: string;
  readonly work: string;
  readonly load: Load;
  /** Makes the check of what a side stored; each has a log of its own. */
  readonly check: (log: BenchLog) => LoadCheck;
}

/** Compares the service with a floor that does the same durable work: what lies between them is the service's own. */
export async function compareWithFloor(context: BenchContext): Promise<Comparison[]> {
  const floor = await startFloor(context.servers);
  const emptyRoute = await startEmptyRoute();
  try {
    const comparisons: Comparison[] = [];
    for (const subject of subjectsOf(context)) {
      await warmUp(context, subject.load);
      await warmUp({ ...context, services: [floor] }, subject.load);
      comparisons.push(await compareOne(context, subject, floor));
    }
    const heartbeat = subjectsOf(context)[0] as Subject;
    comparisons.push(await compareFloorWithEmptyRoute(context, heartbeat, floor, emptyRoute));
    return comparisons;
  } finally {
    await Promise.all([floor.stop(), emptyRoute.stop()]);
  }
}

function subjectsOf(context: BenchContext): Subject[] {
  const heartbeat: Load = { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS };
  const single: Load = { kind: 'events', batchSize: 1, connections: CONNECTIONS };
  const checkEvents =
    (load: Load) =>
    (servers: BenchLog): LoadCheck =>
      expectEventsStored({ servers }, load);
  return [
    {
      id: 'floor-heartbeats',
      work: 'Heartbeats, beside the floor',
      load: heartbeat,
      check: () => expectUsersOnline(context, heartbeat),
    },
    { id: 'floor-single', work: 'Single events, beside the floor', load: single, check: checkEvents(single) },
    {
      id: 'floor-batches',
      work: 'Events in batches of 100, beside the floor',
      load: BATCHES,
      check: checkEvents(BATCHES),
    },
  ];
}

function compareOne(context: BenchContext, subject: Subject, floor: RunningProgram): Promise<Comparison> {
  const { id, work, load, check } = subject;
  const { servers } = context;
  const unit = load.batchSize > 1 ? 'events/s' : 'requests/s';
  return compare(
    context,
    { id, work, limitedBy: FLOOR_LABEL, unit },
    {
      reset: async () => {
        await emptyLog(servers);
        await emptyLog({ owner: servers.floorOwner });
      },
      measureLimit: () => measureFloor(context, floor, load, check({ owner: servers.floorOwner })),
      measureService: () => measureService(context, load, check(servers)),
    },
  );
}

/** Shows what the durable work itself costs beside a request that does nothing. */
function compareFloorWithEmptyRoute(
  context: BenchContext,
  { load, check }: Subject,
  floor: RunningProgram,
  emptyRoute: RunningProgram,
): Promise<Comparison> {
  return compare(
    context,
    {
      id: 'floor-empty',
      work: 'The floor itself, heartbeats',
      limitedBy: 'a Fastify route that does nothing, the same requests',
      unit: 'requests/s',
    },
    {
      measureLimit: () => measureEmptyProgram(context, emptyRoute, load),
      measureService: () => measureFloor(context, floor, load, check({ owner: context.servers.floorOwner })),
    },
  );
}
