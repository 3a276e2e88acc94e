import { shanghaiDay, startOfShanghaiDay } from '../../test/support/events.js';
import { sleep } from '../../test/support/processes.js';
import { INSTALLS } from '../support/bench-events.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { countStoredEvents, emptyBareLog, emptyLog } from '../support/event-log.js';
import { activesOf, fillActives, fillLog } from '../support/fill-event-log.js';
import { warmUp } from '../support/measure-load.js';
import { format, print } from '../support/output.js';
import type { Growth, GrowthPoint } from '../support/results.js';
import { median } from '../support/statistics.js';
import { BARE_INSERTS_LABEL, batchSteps, BATCHES } from './batches.js';

/** The multiples of the rolled-up day: 0, 10 and 50 million events in today's partition in a whole run. */
const MULTIPLES = [0, 1, 5];
const MAX_ACTIVES = 1_750_000;
/** The share by which ingest may slow down. */
const MAX_LOSS = 0.15;
const SETTLE_MS = 5_000;

interface Day {
  readonly key: string;
  readonly startMs: number;
  actives: number;
}

/** Measures ingest while today's partition grows. */
export async function measureIngestGrowth(context: BenchContext): Promise<Growth> {
  const { servers, scale } = context;
  await emptyLog(servers);
  await warmUp(context, BATCHES);
  const points: (GrowthPoint & { readonly ratio: number })[] = [];
  const key = shanghaiDay();
  const today: Day = { key, startMs: startOfShanghaiDay(key), actives: 0 };
  for (const multiple of MULTIPLES) {
    const events = multiple * scale.dayEvents;
    if (events > 0) await growTo(context, today, events);
    const { limit, service, ratio } = await compare(
      context,
      {
        id: 'ingest-growth',
        work: `Ingest in batches, ${format(events)} events in today’s partition`,
        limitedBy: BARE_INSERTS_LABEL,
        unit: 'events/s',
      },
      { reset: () => emptyBareLog(servers), ...batchSteps(context) },
    );
    if (shanghaiDay() !== key)
      throw new Error(`${key} ended in Shanghai during the run, so its partition gets no more events`);
    points.push({ millions: events / 1e6, value: median(service), ratio, limit, rounds: service });
  }
  // The remark adds the fall of the ratio, because the machine's own speed varies as much in these minutes.
  const fall = largestFall(points.map(({ value }) => value));
  const ratioFall = largestFall(points.map(({ ratio }) => ratio));
  return {
    what: 'Ingest in batches, by millions of events in today’s partition',
    unit: 'events/s',
    points,
    goal: `falls by less than ${MAX_LOSS * 100} %`,
    met: fall < MAX_LOSS,
    remark: `by ${percent(fall)} % at most; beside the limit by ${percent(ratioFall)} %`,
  };
}

/** Fills today's partition up to `events`. */
async function growTo({ servers, scale }: BenchContext, today: Day, events: number): Promise<void> {
  const missing = Math.max(0, events - (await countStoredEvents(servers, new Date(today.startMs))));
  const actives = Math.min(activesOf(events), MAX_ACTIVES);
  print(`\nFilling today with ${format(missing)} events, ${format(actives - today.actives)} actives`);
  const untilMs = Date.now() - today.startMs;
  await fillLog(servers, { day: today.key, events: missing, actives, untilMs });
  // The load's own users stay inactive, because a session of an active user costs less.
  await fillActives(servers, {
    day: today.key,
    first: INSTALLS + today.actives + 1,
    last: INSTALLS + actives,
  });
  today.actives = actives;
  await servers.owner.query('VACUUM ANALYZE analytics_event_log, analytics_daily_actives');
  await servers.owner.query('CHECKPOINT');
  await sleep(Math.min(SETTLE_MS, scale.seconds * 1000));
}

/** Returns the fall from the first value to the lowest of the others; 0 when all are higher. */
function largestFall([first = 0, ...others]: readonly number[]): number {
  return Math.max(0, 1 - Math.min(...others) / first);
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
