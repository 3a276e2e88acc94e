import { beforeAll, describe, expect, it, jest } from '@jest/globals';

import { EventStream } from '../support/event-stream.js';
import { signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { startRedisServer } from '../support/redis.js';
import { ObservedService, type Requests } from '../support/store-traffic.js';
import { useParts } from '../support/use-parts.js';

jest.setTimeout(120_000);

const MANY = 60;
const PERIOD_MS = 5_000;
/** Readings that are compared; jobs of the service add requests of their own in some of the periods. */
const PERIODS = 4;

const token = signToken({ userId: '1' });

const parts = useParts();
let few: ObservedService;
let many: ObservedService;

beforeAll(async () => {
  const redis = await parts.add(startRedisServer(), (server) => server.stop());
  [few, many] = await Promise.all([observe(0), observe(1)]);

  function observe(db: number): Promise<ObservedService> {
    return parts.add(ObservedService.start(redis, db), (observed) => observed.stop());
  }
});

async function watch({ service }: ObservedService, count: number): Promise<EventStream> {
  const opened = await Promise.all(
    Array.from({ length: count }, () =>
      parts.add(EventStream.open(service.url, { token }), (stream) => stream.close()),
    ),
  );
  await Promise.all(opened.map((stream) => stream.waitFor('online')));
  return opened[0]!;
}

/** Waits for further readings, and returns the requests of each one's period, with the reading in its middle. */
async function periodsOf(observed: ObservedService, watcher: EventStream): Promise<Requests[]> {
  const isNew = new Set(watcher.named('online').map(({ id }) => id));
  const further = await waitFor(() => {
    const ids = watcher.named('online').flatMap(({ id }) => (isNew.has(id) ? [] : [Number(id) * 1000]));
    // The last one only ends the period before it.
    return ids.length > PERIODS ? ids.slice(0, PERIODS) : null;
  }, 60_000);
  return further.map((tickMs) => observed.between(tickMs - PERIOD_MS / 2, tickMs + PERIOD_MS / 2));
}

const kindsOf = (periods: readonly Requests[]): string[] => [
  ...new Set(periods.flatMap((requests) => Object.keys(requests))),
];

const counts = (periods: readonly Requests[], what: string): number[] =>
  periods.map((requests) => requests[what] ?? 0);

describe(`${MANY} watchers of one process`, () => {
  it('cost as many commands of Redis and statements of PostgreSQL in a period as one watcher', async () => {
    const [one, all] = await Promise.all([
      watch(few, 1).then((watcher) => periodsOf(few, watcher)),
      watch(many, MANY).then((watcher) => periodsOf(many, watcher)),
    ]);
    // The requests of a reading are in each period; the quietest one has them alone.
    const quietest = (periods: readonly Requests[]): [string, number][] =>
      kindsOf(periods)
        .map((what): [string, number] => [what, Math.min(...counts(periods, what))])
        .filter(([, count]) => count > 0)
        .sort(([a], [b]) => a.localeCompare(b));
    expect(quietest(all)).toEqual(quietest(one));
  });
});
