import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { GetOutboxStatusHandler } from '../../src/application/queries/get-outbox-status/get-outbox-status.handler.js';
import type { OutboxStatus } from '../../src/application/queries/get-outbox-status/get-outbox-status.query.js';
import { outboxReport } from '../../src/cli/support/outbox-report.js';
import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import { lanesOf } from '../support/citus/tables.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventAtNoon } from '../support/builders.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { rejectionOf } from '../support/failures.js';
import { emptyOutbox, openReplica, type Replica } from '../support/persistence.js';
import { seed } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let transport: RecordingTransport;
let relay: OutboxRelay;
let ownLanes: readonly number[];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
  ownLanes = lanesOf(database.ownerUrl);
});

beforeEach(() => {
  replica = openReplica(database.serviceUrl);
  transport = new RecordingTransport();
  relay = new OutboxRelay(replica.outbox, transport);
});

afterEach(async () => {
  await relay.beforeApplicationShutdown();
  await replica.close();
  await emptyOutbox(owner);
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

const status = (): Promise<OutboxStatus> => new GetOutboxStatusHandler(replica.outbox, 'kafka').execute();
const report = async (): Promise<string[]> => outboxReport(await status(), new Date()).split('\n');

const store = (count: number) =>
  replica.eventLog.batchInsert(
    Array.from({ length: count }, (_, i) => eventAtNoon({ userId: String(i + 1) })),
  );

const refuse = () => Promise.reject(new Error('the broker\nis away'));

describe('the status of the outbox', () => {
  it('reports that nothing waits and nothing was published at first', async () => {
    expect(await report()).toEqual(['No messages wait to be published.', 'Nothing has been published yet.']);
  });

  it('reports the number of waiting messages and the age of the oldest', async () => {
    const ofUser = (n: number) => ({
      id: randomUUID(),
      aggregatetype: 'session',
      aggregateid: `u:${n}`,
      type: 'analytics.session.started',
      payload: {},
      occurred_at: new Date(),
    });
    await seed(
      owner,
      'analytics_outbox',
      Array.from({ length: 20_000 }, (_, i) => ofUser(i + 1)),
    );
    await owner.rows(
      `UPDATE analytics_outbox SET created_at = now() - interval '125 s' WHERE aggregateid = 'u:1'`,
    );
    const { waiting, oldestSeconds, lanes } = await status();
    expect(waiting).toBe(20_000);
    expect(oldestSeconds).toBeGreaterThanOrEqual(125);
    expect(lanes).toHaveLength(ownLanes.length);
    const lines = await report();
    expect(lines[0]).toMatch(/^20000 messages wait to be published, the oldest for 2 min \d+ s\.$/);
    expect(lines.slice(2, 4)).toEqual([
      '',
      'lane  waiting  failed attempts  oldest     last published  last error',
    ]);
    expect(lines.slice(4)).toHaveLength(ownLanes.length);
  });

  it('reports failing lanes and their last error until publishing works again', async () => {
    await store(40);
    transport.beforeSend = refuse;
    await rejectionOf(relay.processAll());
    const failing = await status();
    expect(failing).toMatchObject({ waiting: 40, failingLanes: ownLanes.length, lastPublishedAt: null });
    expect(failing.lastError).toMatchObject({
      at: expect.any(Date),
      message: 'Error: the broker\nis away',
    });
    expect((await report()).slice(0, 3)).toEqual([
      expect.stringMatching(/^40 messages wait to be published, the oldest for \d s\.$/),
      'Nothing has been published yet.',
      expect.stringMatching(
        new RegExp(
          `^Publishing fails in ${ownLanes.length} of ${ownLanes.length} lanes\\. ` +
            'The last error was \\d s ago \\(\\S+Z\\): Error: the broker is away$',
        ),
      ),
    ]);

    transport.beforeSend = () => Promise.resolve();
    await relay.processAll();
    expect(await report()).toEqual([
      'No messages wait to be published.',
      expect.stringMatching(/^Last published \d s ago \(\S+Z\)\.$/),
      expect.stringMatching(/^Publishing works\. The last error was .+: Error: the broker is away$/),
    ]);
  });

  it('serializes to JSON', async () => {
    await store(3);
    await relay.processAll();
    await store(1);
    expect(JSON.parse(JSON.stringify(await status()))).toEqual({
      waiting: 1,
      oldestSeconds: expect.any(Number),
      lastPublishedAt: expect.stringMatching(/^\d{4}-.+Z$/),
      failingLanes: 0,
      lastError: null,
      relayed: true,
      target: 'kafka',
      lanes: ownLanes.map((lane) => expect.objectContaining({ lane, failures: 0 })),
    });
  });
});
