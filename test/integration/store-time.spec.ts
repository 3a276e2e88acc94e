import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { DatabaseTime } from '../../src/infrastructure/persistence/database-time.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { RedisTime } from '../../src/infrastructure/redis/redis-time.js';
import { StoreClock } from '../../src/infrastructure/system/store-clock.js';
import type { TimeSource } from '../../src/infrastructure/system/time-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { connectRedis, redisCluster, sharedRedis, type RedisForAdapter } from '../support/redis-config.js';
import { waitFor } from '../support/processes.js';
import { openSql } from '../support/sql.js';

Logger.overrideLogger(false);

const HOUR_MS = 3_600_000;
/** Allows for a busy machine; a wrong zone or unit is off by far more. */
const TOLERANCE_MS = 2_000;

/**
 * Expects the time of this machine, on which the stores of the tests run as well. A busy one may need longer for the
 * first connection than a request may wait.
 */
async function expectTrueTime(source: TimeSource): Promise<void> {
  expect(Math.abs((await waitFor(() => source.readMs())) - Date.now())).toBeLessThan(TOLERANCE_MS);
}

describe.each([
  ['one Redis', () => sharedRedis()],
  ['a Redis Cluster', () => redisCluster()],
] as const)('the time of %s', (_, open: () => Promise<RedisForAdapter>) => {
  it('is read, and gives replicas with wrong clocks the same time', async () => {
    const redis = await open();
    const service = await connectRedis(redis.config);
    const source = new RedisTime(service);
    await expectTrueTime(source);
    const replicas = [HOUR_MS, -HOUR_MS].map(
      (off) =>
        new StoreClock([source], {
          wallMs: () => Date.now() + off,
          monotonicMs: () => performance.now(),
        }),
    );
    for (const clock of replicas) {
      await clock.measure();
      expect(clock.isOff).toBe(true);
      expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(TOLERANCE_MS);
    }
    service.onApplicationShutdown();
    await redis.release();
  });
});

describe('the time of PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('depends on no setting of the database', async () => {
    const owner = await openSql(database.ownerUrl);
    for (const setting of [
      "TimeZone = 'Asia/Shanghai'",
      "DateStyle = 'German'",
      "IntervalStyle = 'iso_8601'",
    ]) {
      await owner.rows(`ALTER DATABASE ${database.name} SET ${setting}`);
    }
    await owner.close();
    const prisma = new PrismaService({ url: database.serviceUrl, poolSize: 1 });
    await expectTrueTime(new DatabaseTime(prisma));
    await prisma.onApplicationShutdown();
  });

  it('is missing, without harm, while PostgreSQL is unavailable', async () => {
    const prisma = new PrismaService({ url: 'postgresql://nobody@127.0.0.1:1/none', poolSize: 1 });
    const clock = new StoreClock([new DatabaseTime(prisma)]);
    await clock.measure();
    expect(clock.isMeasured).toBe(false);
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(TOLERANCE_MS);
    await prisma.onApplicationShutdown();
  });
});
