import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it, jest } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import { EventLogCitusRepository } from '../../src/infrastructure/persistence/citus/event-log-citus.repository.js';
import { IngestConnections } from '../../src/infrastructure/persistence/citus/ingest-connections.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { eventAtNoon, NOON } from '../support/builders.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import { createDistributedDatabase, type TestDatabase } from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { startPostgresProxy } from '../support/postgres-proxy/proxy.js';
import { waitFor } from '../support/processes.js';
import { openSql, type Sql } from '../support/sql.js';
import { timesStored } from '../support/stored-events.js';

// The scenes lose nodes, whose warnings would hide other output.
Logger.overrideLogger(false);

/** Stands in for the catalogue of a worker: it says which buckets the node has. */
const CATALOGUE_SQL = `
CREATE TABLE pg_dist_local_group AS SELECT 1 AS groupid;
CREATE TABLE pg_dist_placement (shardid bigint, groupid int);
CREATE FUNCTION get_shard_id_for_distribution_column(name text, bucket smallint) RETURNS bigint LANGUAGE sql
  AS 'SELECT bucket::bigint';
GRANT SELECT ON pg_dist_local_group, pg_dist_placement TO analytics_service
`;

/** A port that nothing listens on. */
const LOST = 'postgresql://service:x@127.0.0.1:1/lost';

let coordinator: TestDatabase;
let worker: TestDatabase;
let onCoordinator: Sql;
let onWorker: Sql;
let prisma: PrismaService;
let ingest: IngestConnections | null = null;

beforeAll(async () => {
  // Two databases of one server, so that the test sees which of the two a flush reached.
  [coordinator, worker] = await Promise.all([
    createDistributedDatabase(null),
    createDistributedDatabase(null),
  ]);
  [onCoordinator, onWorker] = await Promise.all([openSql(coordinator.ownerUrl), openSql(worker.ownerUrl)]);
  await onWorker.rows(CATALOGUE_SQL);
  await onWorker.rows("SELECT analytics_ensure_partitions('2025-06-15', '2025-06-15')");
}, 60_000);

beforeEach(() => {
  prisma = new PrismaService({ url: coordinator.serviceUrl, poolSize: 4 });
});

afterEach(async () => {
  for (const trigger of ['lose', 'frozen'])
    await onCoordinator.rows(`DROP TRIGGER IF EXISTS ${trigger} ON analytics_event_log`);
  await ingest?.onApplicationShutdown();
  await prisma.onApplicationShutdown();
});

afterAll(async () => {
  await Promise.all([onCoordinator.close(), onWorker.close()]);
  await Promise.all([coordinator.drop(), worker.drop()]);
});

/** Opens a replica that has not asked the nodes for the places of the buckets. */
function start(urls: readonly string[], through = prisma): EventLogCitusRepository {
  ingest = new IngestConnections(through, urls, 4);
  return new EventLogCitusRepository(through, new FixedClock(NOON), ingest);
}

/** Opens a replica that knows the places of the buckets, as far as nodes have told them. */
async function open(urls: readonly string[], through = prisma): Promise<EventLogCitusRepository> {
  const log = start(urls, through);
  await ingest?.readPlaces();
  return log;
}

/** Says in the catalogue of the worker which buckets it has. */
async function giveWorker(buckets: readonly number[]): Promise<void> {
  await onWorker.rows('DELETE FROM pg_dist_placement');
  await onWorker.rows('INSERT INTO pg_dist_placement SELECT unnest($1::int[]), 1', [buckets]);
}

/** Says in the catalogues that the first bucket is on the next node alone. */
async function moveFirstBucket(old: Sql, next: Sql): Promise<void> {
  await old.rows('DELETE FROM pg_dist_placement');
  await next.rows('INSERT INTO pg_dist_placement VALUES ($1, 1)', [BUCKETS[0]]);
}

/** Returns an event of each bucket, in the order of the buckets. */
function oneOfEach(): EventLog[] {
  const events = new Map<number, EventLog>();
  for (let user = 1; events.size < BUCKETS.length; user++) {
    const bucket = bucketOf(`u:${user}`);
    if (!events.has(bucket)) events.set(bucket, eventAtNoon({ userId: String(user) }));
  }
  return BUCKETS.map((bucket) => events.get(bucket)!);
}

describe('flushes on a cluster', () => {
  it('go to the worker of their bucket, and to the coordinator when no worker has it', async () => {
    const own = BUCKETS.slice(0, 6);
    await giveWorker(own);
    const events = oneOfEach();
    const log = await open([worker.serviceUrl]);
    expect(await log.batchInsert(events)).toEqual(events.map(() => true));
    expect(await timesStored(onWorker, events)).toEqual(
      BUCKETS.map((bucket) => Number(own.includes(bucket))),
    );
    expect(await timesStored(onCoordinator, events)).toEqual(
      BUCKETS.map((bucket) => Number(!own.includes(bucket))),
    );
  });

  it('go to the host of a worker that takes writes, when its URL names several', async () => {
    await giveWorker(BUCKETS);
    const { host } = new URL(worker.serviceUrl);
    const url = worker.serviceUrl.replace(host, `127.0.0.1:1,${host}`);
    const events = oneOfEach();
    expect(await (await open([url])).batchInsert(events)).toEqual(events.map(() => true));
    expect(await timesStored(onWorker, events)).toEqual(events.map(() => 1));
    await giveWorker([]);
  });

  it('go through the coordinator while a worker does not answer at first', async () => {
    const events = oneOfEach();
    const log = await open([LOST]);
    expect(await log.batchInsert(events)).toEqual(events.map(() => true));
    expect(await timesStored(onCoordinator, events)).toEqual(events.map(() => 1));
  });

  it('wait for no place after a start: a frozen worker, or all of them, hold up nobody', async () => {
    const frozen = await startPostgresProxy(worker.serviceUrl);
    frozen.mode = 'silent';
    const events = oneOfEach();
    const log = start([frozen.through(worker.serviceUrl), frozen.through(coordinator.serviceUrl)]);
    const ended: string[] = [];
    const stored = log.batchInsert(events).finally(() => ended.push('stored'));
    const read = ingest!.readPlaces().finally(() => ended.push('read'));
    expect(await stored).toEqual(events.map(() => true));
    await read;
    expect(ended).toEqual(['stored', 'read']);
    expect(await timesStored(onCoordinator, events)).toEqual(events.map(() => 1));
    await frozen.close();
  });

  it('go to a worker as soon as it has told its buckets, while another one is frozen', async () => {
    await giveWorker(BUCKETS);
    const frozen = await startPostgresProxy(worker.serviceUrl);
    frozen.mode = 'silent';
    const log = start([frozen.through(worker.serviceUrl), worker.serviceUrl]);
    const ended: string[] = [];
    const read = ingest!.readPlaces().finally(() => ended.push('read'));
    await waitFor(async () => {
      const sent = [oneOfEach()[0]!];
      await log.batchInsert(sent);
      return (await timesStored(onWorker, sent))[0] === 1;
    });
    ended.push('told');
    await read;
    expect(ended).toEqual(['told', 'read']);
    await giveWorker([]);
    await frozen.close();
  });

  it('fail for the buckets of a lost node only, and a retry stores the rest', async () => {
    await onCoordinator.rows(
      `CREATE FUNCTION lose_buckets() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.bucket IN (0, 1, 2) THEN RAISE EXCEPTION 'lost' USING ERRCODE = '08006'; END IF;
         RETURN NEW;
       END $$;
       CREATE TRIGGER lose BEFORE INSERT ON analytics_event_log FOR EACH ROW EXECUTE FUNCTION lose_buckets()`,
    );
    const events = oneOfEach();
    const log = await open([]);
    expect(await rejectionOf(log.batchInsert(events))).toMatchObject({ code: 'database_unavailable' });
    const isLost = BUCKETS.map((bucket) => [0, 1, 2].includes(bucket));
    expect(await timesStored(onCoordinator, events)).toEqual(isLost.map((lost) => Number(!lost)));
    await onCoordinator.rows('DROP TRIGGER lose ON analytics_event_log');
    expect(await log.batchInsert(events)).toEqual(isLost);
    expect(await timesStored(onCoordinator, events)).toEqual(events.map(() => 1));
  });

  it('go on for the other buckets, before those of a frozen node are given up', async () => {
    await onCoordinator.rows(
      `CREATE FUNCTION freeze_buckets() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.bucket < 6 THEN PERFORM pg_sleep(30); END IF;
         RETURN NEW;
       END $$;
       CREATE TRIGGER frozen BEFORE INSERT ON analytics_event_log FOR EACH ROW EXECUTE FUNCTION freeze_buckets()`,
    );
    const log = await open([]);
    const isFrozen = (event: EventLog) => bucketOf(event.dauIdentifier) < 6;
    const send = (events: readonly EventLog[]) => events.map((event) => log.batchInsert([event]));
    const frozen = oneOfEach().filter(isFrozen);
    // A machine that is busy gives up on a connection first.
    const unavailable = { code: expect.stringMatching(/^database_(too_slow|unavailable)$/) };
    // Each frozen bucket has failed once, so the node is known not to answer for it.
    for (const failure of await Promise.all(send(frozen).map(rejectionOf)))
      expect(failure).toMatchObject(unavailable);
    const ended: string[] = [];
    const failures = Promise.all(send(frozen).map(rejectionOf)).finally(() => ended.push('frozen'));
    const others = oneOfEach().filter((event) => !isFrozen(event));
    const outcomes = Promise.all(send(others)).finally(() => ended.push('others'));
    expect(await outcomes).toEqual(others.map(() => [true]));
    for (const failure of await failures) expect(failure).toMatchObject(unavailable);
    expect(ended).toEqual(['others', 'frozen']);
    await onCoordinator.rows('DROP TRIGGER frozen ON analytics_event_log');
    expect(await Promise.all(send(oneOfEach()))).toEqual(BUCKETS.map(() => [true]));
  });

  it('follow a bucket that has left a worker before it was lost', async () => {
    await onCoordinator.rows(CATALOGUE_SQL);
    await moveFirstBucket(onCoordinator, onWorker);
    const proxy = await startPostgresProxy(worker.serviceUrl);
    const log = await open([proxy.through(worker.serviceUrl), coordinator.serviceUrl]);
    const events = [oneOfEach()[0]!, oneOfEach()[0]!];
    await log.batchInsert(events.slice(0, 1));
    await moveFirstBucket(onWorker, onCoordinator);
    await proxy.close();
    expect(await log.batchInsert(events.slice(1))).toEqual([true]);
    expect(await timesStored(onWorker, events)).toEqual([1, 0]);
    expect(await timesStored(onCoordinator, events)).toEqual([0, 1]);
  });

  it('learn the new place of a bucket within ten seconds while its former node goes on', async () => {
    await moveFirstBucket(onCoordinator, onWorker);
    const clock = jest.spyOn(performance, 'now');
    const log = await open([worker.serviceUrl, coordinator.serviceUrl]);
    const event = () => oneOfEach()[0]!;
    await log.batchInsert([event()]);
    await moveFirstBucket(onWorker, onCoordinator);
    const start = performance.now();
    clock.mockImplementation(() => start + 10_000);
    // The flush that finds the reading due does not wait for it.
    await log.batchInsert([event()]);
    await waitFor(async () => {
      const sent = [event()];
      await log.batchInsert(sent);
      return (await timesStored(onCoordinator, sent))[0] === 1;
    }, 10_000);
    clock.mockRestore();
  });

  it('go on without the coordinator where the workers are configured and the day is known', async () => {
    await giveWorker(BUCKETS);
    const proxy = await startPostgresProxy(coordinator.serviceUrl);
    const behind = new PrismaService({ url: proxy.through(coordinator.serviceUrl), poolSize: 4 });
    const log = await open([worker.serviceUrl], behind);
    await log.batchInsert(oneOfEach());
    await proxy.close();
    const events = oneOfEach();
    expect(await log.batchInsert(events)).toEqual(events.map(() => true));
    expect(await timesStored(onWorker, events)).toEqual(events.map(() => 1));
    await behind.onApplicationShutdown();
  });
});
