import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { createTestDatabase, prepareServer, type TestDatabase } from '../support/database.js';
import { millisecondsToMidnight, shanghaiDay } from '../support/events.js';
import { request, signToken } from '../support/http.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import {
  promote,
  PRIMARY_SETTINGS,
  returnReadOnly,
  startStandby,
  waitForStandby,
} from '../support/postgres/standby.js';
import { sleep, waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import { settings, startService, type Service } from '../support/service.js';
import { findMissing } from './faults/service-client.js';
import { acceptedIds, batch, sendBatch, type SentBatch } from './support/load.js';

const STANDBY = 'standby';
const CLIENTS = 4;
const BATCH_SIZE = 10;
/** Pause of a client between two batches: the machine has two servers to promote beside them. */
const PAUSE_MS = 25;

jest.setTimeout(120_000);

let primary: PostgresServer;
let standby: PostgresServer;
let database: TestDatabase;
let redis: TestRedis;
let service: Service;

beforeAll(async () => {
  // The figures are those of the current day.
  await waitFor(() => millisecondsToMidnight() > 120_000, 130_000, {
    what: 'the day has changed in Shanghai',
  });
  [primary, redis] = await Promise.all([
    startPostgresServer({ settings: PRIMARY_SETTINGS }),
    createTestRedis(),
  ]);
  await prepareServer(primary.ownerUrl);
  database = await createTestDatabase(primary.ownerUrl);
  standby = await startStandby(primary, { name: STANDBY });
  await waitForStandby(primary, STANDBY);
  const { username, password, pathname } = new URL(database.serviceUrl);
  const hosts = [primary, standby].map(({ host, port }) => `${host}:${port}`).join(',');
  const databaseUrl = `postgresql://${username}:${password}@${hosts}${pathname}?target_session_attrs=read-write`;
  service = await startService({ env: settings({ databaseUrl, redis }) });
}, 200_000);

afterAll(async () => {
  await service?.stop();
  await redis?.close();
  await standby?.stop();
  await primary?.stop();
});

describe('a service whose URL names a primary and its synchronous standby', () => {
  const sent: SentBatch[] = [];
  let isOver = false;
  let sending: Promise<unknown>;

  const ask = (path: string) => request(`${service.url}${path}`, { token: signToken({ userId: '1' }) });
  const accepted = (): number => acceptedIds(sent).length;

  /** Waits until events are accepted that were sent after this call. */
  async function acceptsMore(): Promise<void> {
    const before = accepted() + CLIENTS * BATCH_SIZE;
    await waitFor(() => accepted() > before, RECOVERY_MS, { what: 'the service accepts events' });
  }

  /** Returns the URL of the owner at the server that has become the primary. */
  const ownerUrl = (): string => standby.ownerUrl.replace(/[^/]+$/, database.name);

  it('goes on without a restart after the primary is killed and the standby promoted', async () => {
    sending = Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        for (; !isOver; await sleep(PAUSE_MS)) sent.push(await sendBatch(service.url, batch(BATCH_SIZE)));
      }),
    );
    await acceptsMore();
    await primary.kill();
    await waitFor(() => sent.at(-1)?.status === 503, RECOVERY_MS, { what: 'events are refused' });
    await promote(standby);
    await acceptsMore();
    await waitFor(async () => (await ask('/health/ready')).status === 200, RECOVERY_MS);
  });

  it('stays with the new primary when the former one comes back as a standby', async () => {
    await returnReadOnly(primary);
    await acceptsMore();
    isOver = true;
    await sending;
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200, 503]));
  });

  it('has lost nothing that it acknowledged, and counts each event once that clients send again', async () => {
    expect(await findMissing(ownerUrl(), acceptedIds(sent))).toEqual([]);
    for (const { events, status } of sent)
      if (status !== 200)
        await waitFor(async () => (await sendBatch(service.url, events)).status === 200, RECOVERY_MS);
    const ids = sent.flatMap(({ events }) => events.map(({ eventId }) => eventId));
    expect(await findMissing(ownerUrl(), ids)).toEqual([]);
    const day = shanghaiDay();
    await waitFor(async () => {
      const { body } = await ask(`/analytics/dau?startDate=${day}&endDate=${day}`);
      expect(body).toMatchObject({ data: [{ dauCount: ids.length }] });
      return true;
    }, RECOVERY_MS);
  });

  it('ends with 0', async () => {
    expect(await service.stop()).toBe(0);
  });
});
