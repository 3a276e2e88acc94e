import { shanghaiDay, startOfShanghaiDay } from '../../test/support/events.js';
import { sleep } from '../../test/support/processes.js';
import { compare, format, say, type BenchContext } from '../support/context.js';
import { INSTALLS } from '../support/events.js';
import type { Growth, GrowthPoint } from '../support/results.js';
import { median } from '../support/statistics.js';
import { activesOf, emptyBareLog, emptyLog, fillActives, fillLog, storedEvents } from '../support/stored.js';
import { BARE_INSERTS, batchTurns, BATCHES, warmUp } from './requests.js';

/** Of the day that is rolled up: 0, 10 and 50 million events in today's partition, when whole. */
const TIMES = [0, 1, 5];
const MAX_ACTIVES = 1_750_000;
/** By this part ingest may become slower. */
const MAX_LOSS = 0.15;
const SETTLE_MS = 5_000;

/** How fast events come in when so many are there. */
export async function growthOfIngest(context: BenchContext): Promise<Growth> {
  const { servers, extent } = context;
  await emptyLog(servers);
  await warmUp(context, BATCHES);
  const points: (GrowthPoint & { readonly ratio: number })[] = [];
  const today = shanghaiDay();
  const startOfToday = startOfShanghaiDay(today);
  let actives = 0;
  for (const times of TIMES) {
    const wanted = times * extent.dayEvents;
    if (wanted > 0) {
      const missing = Math.max(0, wanted - (await storedEvents(servers, new Date(startOfToday))));
      const wantedActives = Math.min(activesOf(wanted), MAX_ACTIVES);
      say(`\nFilling today with ${format(missing)} events, ${format(wantedActives - actives)} actives`);
      const untilMs = Date.now() - startOfToday;
      await fillLog(servers, { day: today, events: missing, actives: wantedActives, untilMs });
      // Not those of the load, whose sessions would find themselves active, and cost less than before.
      await fillActives(servers, {
        day: today,
        first: INSTALLS + actives + 1,
        last: INSTALLS + wantedActives,
      });
      actives = wantedActives;
      await servers.owner.query('VACUUM ANALYZE analytics_event_log, analytics_daily_actives');
      await servers.owner.query('CHECKPOINT');
      await sleep(Math.min(SETTLE_MS, extent.seconds * 1000));
    }
    const { limit, service, ratio } = await compare(
      context,
      {
        id: 'ingest-growth',
        work: `Ingest in batches, ${format(wanted)} events in today’s partition`,
        limitedBy: BARE_INSERTS,
        unit: 'events/s',
      },
      { settle: () => emptyBareLog(servers), ...batchTurns(context) },
    );
    if (shanghaiDay() !== today)
      throw new Error(`${today} ended in Shanghai meanwhile: its partition has no more events`);
    points.push({ millions: wanted / 1e6, value: median(service), ratio, limit, rounds: service });
  }
  // Beside the limit, too, whose table stays empty: the machine itself changes by as much in these minutes.
  const [fall, fallBesideLimit] = [
    largestFall(points.map(({ value }) => value)),
    largestFall(points.map(({ ratio }) => ratio)),
  ];
  return {
    what: 'Ingest in batches, by millions of events in today’s partition',
    unit: 'events/s',
    points,
    goal: `falls by less than ${MAX_LOSS * 100} %`,
    met: fall < MAX_LOSS,
    remark: `by ${percent(fall)} % at most; beside the limit by ${percent(fallBesideLimit)} %`,
  };
}

/** From the first to the lowest of the others; none when all are higher. */
function largestFall([first = 0, ...others]: readonly number[]): number {
  return Math.max(0, 1 - Math.min(...others) / first);
}

function percent(part: number): string {
  return (part * 100).toFixed(0);
}
