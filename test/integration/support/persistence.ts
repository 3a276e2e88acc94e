import pg from 'pg';

import type { IClock } from '../../../src/application/ports/clock.port.js';
import { PostgresJobLock } from '../../../src/infrastructure/persistence/postgres-job-lock.js';
import { PrismaService } from '../../../src/infrastructure/persistence/prisma/prisma.service.js';
import { DailyActiveStatsRepositoryImpl } from '../../../src/infrastructure/persistence/repositories/daily-active-stats.repository.impl.js';
import { DailyActivesRepositoryImpl } from '../../../src/infrastructure/persistence/repositories/daily-actives.repository.impl.js';
import { EventLogRepositoryImpl } from '../../../src/infrastructure/persistence/repositories/event-log.repository.impl.js';
import { OutboxRepository } from '../../../src/infrastructure/outbox/outbox.repository.js';
import { OnlineSnapshotRepositoryImpl } from '../../../src/infrastructure/persistence/repositories/online-snapshot.repository.impl.js';
import { UuidEventIdGenerator } from '../../../src/infrastructure/system/uuid-event-id-generator.js';
import { NOON } from './events.js';

/** A clock that stands still until it is set. */
export class TestClock implements IClock {
  private instant: Date;

  constructor(at: string = NOON) {
    this.instant = new Date(at);
  }

  set(at: string): void {
    this.instant = new Date(at);
  }

  now(): Date {
    return new Date(this.instant);
  }
}

/** What one replica has of the database: its own pools, its own memory of what it has seen. */
export interface Replica {
  readonly prisma: PrismaService;
  readonly outbox: OutboxRepository;
  readonly eventLog: EventLogRepositoryImpl;
  readonly actives: DailyActivesRepositoryImpl;
  readonly stats: DailyActiveStatsRepositoryImpl;
  readonly snapshots: OnlineSnapshotRepositoryImpl;
  readonly lock: PostgresJobLock;
  close(): Promise<void>;
}

export function openReplica(url: string, clock: IClock = new TestClock(), poolSize = 4): Replica {
  const prisma = new PrismaService({ url, poolSize });
  return {
    prisma,
    eventLog: new EventLogRepositoryImpl(prisma, clock),
    actives: new DailyActivesRepositoryImpl(prisma),
    stats: new DailyActiveStatsRepositoryImpl(prisma, new UuidEventIdGenerator()),
    snapshots: new OnlineSnapshotRepositoryImpl(prisma),
    outbox: new OutboxRepository(prisma),
    lock: new PostgresJobLock(prisma),
    close: () => prisma.onApplicationShutdown(),
  };
}

export type Row = Record<string, unknown>;

/** Plain SQL beside the code under test. */
export interface Sql {
  rows<T extends Row = Row>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** The first column of the first row. */
  value(text: string, values?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function openSql(url: string): Promise<Sql> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  const rows = async <T extends Row>(text: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await client.query<T>(text, [...values])).rows;
  return {
    rows,
    value: async (text, values) => Object.values((await rows(text, values))[0] ?? {})[0],
    close: () => client.end(),
  };
}

/** No message waits, and no lane remembers that any did. */
export async function emptyOutbox(owner: Sql): Promise<void> {
  await owner.rows('DELETE FROM analytics_outbox');
  await owner.rows(
    `UPDATE analytics_outbox_lanes SET emptied_at = NULL, published_at = NULL, failures = 0, retry_at = NULL,
       last_error = NULL, last_error_at = NULL`,
  );
}
