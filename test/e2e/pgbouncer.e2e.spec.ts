import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { millisecondsToMidnight, shanghaiDay } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { startPgBouncer, type PgBouncer } from '../support/pgbouncer.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { runBuilt, type Service, type Settings } from '../support/service.js';
import { openSql } from '../support/sql.js';
import { batch } from './support/load.js';

const USERS = 20;

jest.setTimeout(90_000);

let deployment: Deployment;
let pooler: PgBouncer;
let service: Service;
let env: Settings;

beforeAll(async () => {
  // The figures are those of the current day.
  await waitFor(() => millisecondsToMidnight() > 120_000, 130_000, {
    what: 'the day has changed in Shanghai',
  });
  deployment = await Deployment.create({ redis: true });
  const { serviceUrl } = deployment.database;
  pooler = await startPgBouncer([serviceUrl]);
  env = { DATABASE_URL: `${pooler.through(serviceUrl)}?pgbouncer=true` };
  service = await deployment.start(env);
}, 200_000);

afterAll(async () => {
  const exitCodes = await deployment?.remove();
  await pooler?.stop();
  expect(exitCodes).toEqual([0]);
});

const ask = (path: string) => request(`${service.url}${path}`, { token: signToken({ userId: '1' }) });

/** Waits until a path is answered like this. */
async function expectAnswer(path: string, body: object): Promise<void> {
  await waitFor(
    async () => {
      expect(await ask(path)).toMatchObject({ status: 200, body });
      return true;
    },
    RECOVERY_MS,
    { what: path },
  );
}

const dauToday = (): string => `/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`;

const accepts = async (): Promise<boolean> => {
  const { status } = await postJson(`${service.url}/analytics/events`, { events: batch(1) });
  return status === 200;
};

/** Returns the instant at which today's stored figure was calculated. */
async function storedAt(): Promise<string | undefined> {
  const [row] = await deployment.stored.rows(
    'SELECT calculated_at AS at FROM analytics_daily_active_users WHERE day = $1',
    [shanghaiDay()],
  );
  return (row?.['at'] as Date | undefined)?.toISOString();
}

describe('a service behind PgBouncer with its defaults', () => {
  it('stores events, counts them and is ready', async () => {
    const answer = await postJson(`${service.url}/analytics/events`, { events: batch(USERS) });
    expect(answer).toMatchObject({ status: 200, body: { accepted: USERS } });
    await expectAnswer(dauToday(), { data: [{ dauCount: USERS }] });
    await expectAnswer(
      '/presence/online-history?startTime=2025-01-01T00:00:00Z&endTime=2025-01-02T00:00:00Z',
      {},
    );
    await expectAnswer('/health/ready', { status: 'ok' });
  });

  it("answers with today's stored figure while a count of today takes too long", async () => {
    const calculated = await runBuilt('src/cli/dau-calculate.js', [shanghaiDay()], {
      ...deployment.settings,
      ...env,
    });
    expect(calculated).toMatchObject({ exitCode: 0 });
    const lock = await openSql(deployment.database.ownerUrl);
    await lock.rows('BEGIN');
    await lock.rows('LOCK TABLE analytics_daily_actives');
    try {
      await waitFor(
        async () => {
          const calculatedAt = await storedAt();
          expect(await ask(dauToday())).toMatchObject({
            status: 200,
            body: { data: [{ day: shanghaiDay(), dauCount: USERS, calculatedAt, isFinal: false }] },
          });
          return true;
        },
        RECOVERY_MS,
        { what: 'the stored figure' },
      );
      expect(await accepts()).toBe(false);
    } finally {
      await lock.rows('ROLLBACK');
      await lock.close();
    }
    await waitFor(accepts, RECOVERY_MS, { what: 'events are stored again' });
  });

  it('goes on without a restart after the pooler is killed and started again', async () => {
    const { serviceUrl } = deployment.database;
    const port = Number(new URL(pooler.through(serviceUrl)).port);
    process.kill(pooler.pid, 'SIGKILL');
    await waitFor(async () => !(await accepts()), RECOVERY_MS, { what: 'events are refused' });
    await pooler.stop();
    pooler = await startPgBouncer([serviceUrl], {}, port);
    await waitFor(accepts, RECOVERY_MS, { what: 'events are stored again' });
    await expectAnswer('/health/ready', { status: 'ok' });
  });
});
