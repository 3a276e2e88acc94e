import { createServer, type Server } from 'node:net';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { createTestDatabase, prepareServer } from '../support/database.js';
import { Deployment } from '../support/deployment.js';
import { daysAgo, event, startOfShanghaiDay } from '../support/events.js';
import { request } from '../support/http.js';
import { startPostgresServer } from '../support/postgres.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { startRedisServer } from '../support/redis.js';
import {
  runBuilt,
  settings,
  startBuilt,
  startService,
  type Service,
  type Settings,
} from '../support/service.js';
import { beat, expectRecovery, get, send } from './faults/service-client.js';
import { childrenOf, signalAll } from './support/process-tree.js';

// The tests start and end servers and services, which takes long on a busy machine.
jest.setTimeout(60_000);

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
});

afterAll(() => deployment?.remove());

/** Takes a free port of the loopback address. */
async function takePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, server };
}

describe('a start that fails because the port is taken', () => {
  it('runs no job, publishes nothing, and ends with 1', async () => {
    const yesterday = startOfShanghaiDay(daysAgo(1)) / 1000 + 43_200;
    const writer = await deployment.start();
    expect((await send(writer, [event({ clientTs: yesterday }), event()])).status).toBe(200);
    expect(await writer.stop()).toBe(0);
    await deployment.stored.rows('TRUNCATE analytics_daily_active_users');
    await deployment.stored.rows('TRUNCATE analytics_outbox');
    await deployment.redis.flush();

    const { port, server } = await takePort();
    const program = await startBuilt('src/main.js', [], { ...deployment.settings, PORT: String(port) });
    const { exitCode, output } = await program.result();
    await new Promise((resolve) => server.close(resolve));

    expect({ exitCode, output }).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('port already'),
    });
    const [written] = await deployment.stored.rows(`
      SELECT (SELECT count(*)::int FROM analytics_daily_active_users) AS figures,
             (SELECT count(*)::int FROM analytics_outbox) AS messages`);
    expect(written).toEqual({ figures: 0, messages: 0 });
    // A probe may have asked the store before the port turned out to be taken.
    const keys = await deployment.redis.client.keys('*');
    expect(keys.filter((key) => !key.startsWith('presence:probe'))).toEqual([]);
  });

  it('does the same work once it can listen', async () => {
    const service = await deployment.start();
    const figures = () => deployment.stored.rows('SELECT day FROM analytics_daily_active_users');
    await waitFor(async () => (await figures()).length > 0, RECOVERY_MS, { what: 'a day is calculated' });
    expect(await service.stop()).toBe(0);
  });
});

describe('CITUS that does not fit the tables', () => {
  it.each([
    ['the start', 'src/main.js', []],
    ['a command', 'src/cli/dau-audit.js', [daysAgo(1)]],
  ] as const)('ends %s with 1 and names the next step', async (_, program, given) => {
    const { exitCode, output } = await runBuilt(program, given, { ...deployment.settings, CITUS: 'true' });
    expect({ exitCode, output }).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(
        /CITUS must be false when .+, it is true: remove CITUS, or name a database/,
      ),
    });
    expect(output).not.toContain(' at ');
  });
});

describe('a shutdown with a grace period', () => {
  const status = async (service: Service): Promise<unknown> =>
    ((await get(service, '/health/ready')).body as { readonly status: unknown }).status;

  it('fails the readiness first and serves everything, also on new connections', async () => {
    const service = await deployment.start({ SHUTDOWN_GRACE_SECONDS: '4' });
    expect(await status(service)).toBe('ok');
    service.kill('SIGTERM');
    await waitFor(async () => (await status(service)) === 'shutting_down', RECOVERY_MS);

    const fresh = { headers: { connection: 'close' } };
    const [ready, live, events, heartbeat, online] = await Promise.all([
      request(`${service.url}/health/ready`, fresh),
      request(`${service.url}/health/live`, fresh),
      send(service),
      beat(service),
      get(service, '/presence/online-count'),
    ]);
    expect(ready).toMatchObject({ status: 503, body: { dependencies: { database: 'up', redis: 'up' } } });
    expect(ready.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    for (const answer of [live, events, heartbeat, online]) expect(answer.status).toBe(200);
    expect(await service.exited).toBe(0);
  });

  it('ends the grace period at a second signal', async () => {
    const service = await deployment.start({ SHUTDOWN_GRACE_SECONDS: '300' });
    service.kill('SIGTERM');
    await waitFor(async () => (await status(service)) === 'shutting_down', RECOVERY_MS);
    expect(await service.stop('SIGTERM')).toBe(0);
  });

  it('starts its drain without delay where the period is 0', async () => {
    const service = await deployment.start();
    expect(await service.stop()).toBe(0);
    expect(service.output()).not.toContain('while the readiness fails');
  });
});

describe('a shutdown while a dependency does not answer', () => {
  /** Accepts connections and never answers. */
  let silent: { readonly port: number; readonly server: Server };

  beforeAll(async () => {
    silent = await takePort();
  });

  afterAll(() => {
    silent.server.close();
  });

  const silentKafka = (): Settings => ({ KAFKA_BROKERS: `127.0.0.1:${silent.port}` });

  it('exits with 0 within its bound while PostgreSQL is frozen', async () => {
    const server = await startPostgresServer();
    await prepareServer(server.ownerUrl);
    const database = await createTestDatabase(server.ownerUrl);
    // The relay runs where Kafka is configured, and reads the outbox on a connection with the limits of a job.
    const service = await startService({
      env: {
        ...settings({ databaseUrl: database.serviceUrl, redis: deployment.redis }),
        ...silentKafka(),
      },
    });
    expect((await send(service)).status).toBe(200);
    server.pause();
    const others = childrenOf(server.pid);
    signalAll(others, 'SIGSTOP');
    try {
      // The relay meets the frozen server before the shutdown does.
      expect((await send(service)).status).toBe(503);
      expect(await service.stop()).toBe(0);
    } finally {
      signalAll(others, 'SIGCONT');
      server.resume();
      await server.stop();
    }
  });

  it('exits with 0 within its bound while Redis is frozen', async () => {
    const server = await startRedisServer();
    const service = await startService({
      env: settings({ databaseUrl: deployment.database.serviceUrl, redis: server }),
    });
    await expectRecovery(() => beat(service));
    server.pause();
    try {
      void beat(service).catch(() => undefined);
      expect(await service.stop()).toBe(0);
    } finally {
      server.resume();
      await server.stop();
    }
  });

  it('exits with 0 within its bound while Kafka accepts connections and is silent', async () => {
    const service = await deployment.start(silentKafka());
    expect((await send(service)).status).toBe(200);
    expect((await beat(service)).status).toBe(200);
    expect(await service.stop()).toBe(0);
  });
});
