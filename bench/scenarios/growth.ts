import { shanghaiDay, startOfShanghaiDay } from '../../test/support/events.js';
import { format, say, type BenchContext } from '../support/context.js';
import type { Growth } from '../support/results.js';
import { median } from '../support/statistics.js';
import { emptyLog, fillLog, storedEvents } from '../support/stored.js';
import { measureBatches, warmUp } from './requests.js';

/** Of the day that is rolled up: 0, 10 and 50 million events in today's partition, when whole. */
const TIMES = [0, 1, 5];
/** By this part ingest may become slower. */
const MAX_LOSS = 0.15;
const SETTLE_MS = 5_000;

/** How fast events come in when so many are there. */
export async function growthOfIngest(context: BenchContext): Promise<Growth> {
  const { servers, extent } = context;
  await emptyLog(servers);
  await warmUp(context, 'batch');
  const points: { millions: number; value: number }[] = [];
  for (const times of TIMES) {
    const wanted = times * extent.dayEvents;
    const missing = Math.max(0, wanted - (await storedEvents(servers)));
    const today = shanghaiDay();
    if (missing > 0) {
      say(`\nFilling today with ${format(missing)} events`);
      const untilMs = Date.now() - startOfShanghaiDay(today);
      await fillLog(servers.owner, { day: today, events: missing, actives: missing, untilMs });
      await servers.owner.query('VACUUM ANALYZE analytics_event_log');
      await servers.owner.query('CHECKPOINT');
      await new Promise((resolve) => setTimeout(resolve, Math.min(SETTLE_MS, extent.seconds * 1000)));
    }
    const rates: number[] = [];
    for (let round = 0; round < extent.rounds; round++) rates.push((await measureBatches(context)).value);
    points.push({ millions: wanted / 1e6, value: median(rates) });
    say(`  ${format(wanted)} events in the log: ${rates.map(format).join(', ')} events/s`);
  }
  const [first, last] = [points[0]?.value ?? 0, points.at(-1)?.value ?? 0];
  return {
    what: 'Ingest in batches, by millions of events in today’s partition',
    unit: 'events/s',
    points,
    goal: `falls by less than ${MAX_LOSS * 100} %`,
    met: last > (1 - MAX_LOSS) * first,
  };
}
