import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { daysAgo, event, startOfShanghaiDay } from '../support/events.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';
import { get, liveDau, send } from './faults/service-client.js';

jest.setTimeout(120_000);

/** The comparison runs each minute; the rest is for a busy machine. */
const REPAIR_MS = 80_000;
const USERS = 40;
const PAST_DAYS = [1, 2, 3, 6].map((days) => daysAgo(days));

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
});

afterAll(() => deployment?.remove());

const countIn = (day: string): Promise<number> => deployment.redis.client.pfcount(`analytics:dau:${day}`);

/** Expects an estimate of so few users to be exact but for a shared register. */
async function expectComplete(days: readonly string[], timeoutMs: number): Promise<void> {
  await waitFor(
    async () => {
      const counts = await Promise.all(days.map(countIn));
      return counts.every((count) => Math.abs(count - USERS) <= 2);
    },
    timeoutMs,
    { what: 'the live DAU of each past day is complete', intervalMs: 250 },
  );
}

const sessionsOf = (day: string) =>
  Array.from({ length: USERS }, (_, n) =>
    event({ installId: `install-${day}-${n}`, clientTs: startOfShanghaiDay(day) / 1000 + 43_200 }),
  );

describe('the live DAU of past days', () => {
  let service: Service;

  beforeAll(async () => {
    service = await deployment.start();
    for (const day of PAST_DAYS) expect((await send(service, sessionsOf(day))).status).toBe(200);
    await expectComplete(PAST_DAYS, 10_000);
  });

  it('returns within a minute after Redis has lost all or a part of it', async () => {
    await deployment.redis.flush();
    // A restart from an older file leaves a day that exists and is far too small.
    await deployment.redis.client.pfadd(`analytics:dau:${PAST_DAYS[1]!}`, 'i:install-1');
    await expectComplete(PAST_DAYS, REPAIR_MS);
  });

  it('returns after a restart, which knows nothing of the loss', async () => {
    service.kill('SIGKILL');
    await service.exited;
    await deployment.redis.flush();
    service = await deployment.start();
    await expectComplete(PAST_DAYS, 20_000);
  });
});

describe('the live DAU of today', () => {
  const isComplete = (figure: number): boolean => Math.abs(figure - USERS) <= 2;

  it.each([
    ['Redis, which is empty', true],
    ['no Redis', false],
  ])('is complete in the first answer after a start with %s', async (_, withRedis) => {
    const own = await Deployment.create({ redis: withRedis });
    const first = await own.start();
    const sessions = Array.from({ length: USERS }, () => event());
    expect((await send(first, sessions)).status).toBe(200);
    expect(await first.stop()).toBe(0);
    if (withRedis) await own.redis.flush();

    const second = await own.start();
    const answer = await get(second, '/analytics/dau/realtime');
    // A busy machine may need more than the second that a request waits.
    if (answer.status !== 200) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'realtime_dau_unverified' } });
      await waitFor(async () => (await get(second, '/analytics/dau/realtime')).status === 200);
    }
    expect(isComplete(await liveDau(second))).toBe(true);
    expect(await own.remove()).toEqual([0, 0]);
  });
});
