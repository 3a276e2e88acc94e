import type { IClock } from '../../src/application/ports/clock.port.js';
import type { IEventLogMaintenance } from '../../src/application/ports/event-log-maintenance.port.js';
import type { IDailyActiveStatsRepository } from '../../src/domain/repositories/daily-active-stats.repository.interface.js';
import type { IDailyActivesRepository } from '../../src/domain/repositories/daily-actives.repository.interface.js';
import type { IEventLogRepository } from '../../src/domain/repositories/event-log.repository.interface.js';
import { OutboxCitusRepository } from '../../src/infrastructure/outbox/outbox-citus.repository.js';
import { ActiveBitsCitusRepository } from '../../src/infrastructure/persistence/citus/active-bits-citus.repository.js';
import { ActiveSpansCitusRepository } from '../../src/infrastructure/persistence/citus/active-spans-citus.repository.js';
import { DailyActiveStatsCitusRepository } from '../../src/infrastructure/persistence/citus/daily-active-stats-citus.repository.js';
import { DailyActivesCitusRepository } from '../../src/infrastructure/persistence/citus/daily-actives-citus.repository.js';
import { CitusEventRetention } from '../../src/infrastructure/persistence/citus/citus-event-retention.js';
import { BucketErasure } from '../../src/infrastructure/persistence/citus/bucket-erasure.js';
import type { OpenErasureTables } from '../../src/infrastructure/persistence/erasure/erasure-tables.js';
import { OneServerErasure } from '../../src/infrastructure/persistence/erasure/one-server-erasure.js';
import { PostgresIdentityErasure } from '../../src/infrastructure/persistence/erasure/postgres-identity-erasure.js';
import { EventLogCitusRepository } from '../../src/infrastructure/persistence/citus/event-log-citus.repository.js';
import { IngestConnections } from '../../src/infrastructure/persistence/citus/ingest-connections.js';
import { PostgresJobLock } from '../../src/infrastructure/persistence/postgres-job-lock.js';
import { PostgresEventRetention } from '../../src/infrastructure/persistence/event-log/postgres-event-retention.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { ActiveBitsRepositoryImpl } from '../../src/infrastructure/persistence/repositories/active-bits.repository.impl.js';
import { ActiveSpansRepositoryImpl } from '../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';
import { DailyActiveStatsRepositoryImpl } from '../../src/infrastructure/persistence/repositories/daily-active-stats.repository.impl.js';
import { DailyActivesRepositoryImpl } from '../../src/infrastructure/persistence/repositories/daily-actives.repository.impl.js';
import { EventLogRepositoryImpl } from '../../src/infrastructure/persistence/repositories/event-log.repository.impl.js';
import { OutboxRepository } from '../../src/infrastructure/outbox/outbox.repository.js';
import { OnlineSnapshotRepositoryImpl } from '../../src/infrastructure/persistence/repositories/online-snapshot.repository.impl.js';
import { UuidEventIdGenerator } from '../../src/infrastructure/system/uuid-event-id-generator.js';
import { NOON } from './builders.js';
import { FixedClock } from './contracts/clock/fake.js';
import { isDistributed } from './citus/tables.js';
import type { Sql } from './sql.js';

/** The database adapters of one replica: its own connection pools and its own caches. */
export interface Replica {
  readonly prisma: PrismaService;
  readonly outbox: OutboxRepository;
  readonly eventLog: IEventLogRepository & IEventLogMaintenance;
  readonly actives: IDailyActivesRepository;
  readonly stats: IDailyActiveStatsRepository;
  readonly bits: ActiveBitsRepositoryImpl;
  readonly spans: ActiveSpansRepositoryImpl;
  readonly snapshots: OnlineSnapshotRepositoryImpl;
  readonly lock: PostgresJobLock;
  readonly retention: PostgresEventRetention;
  close(): Promise<void>;
}

/** Opens the adapters that fit the tables of the database. */
export function openReplica(url: string, clock: IClock = new FixedClock(NOON), poolSize = 4): Replica {
  if (isDistributed(url)) return openDistributedReplica(url, clock);
  const prisma = new PrismaService({ url, poolSize });
  return {
    prisma,
    eventLog: new EventLogRepositoryImpl(prisma, clock),
    actives: new DailyActivesRepositoryImpl(prisma),
    stats: new DailyActiveStatsRepositoryImpl(prisma, new UuidEventIdGenerator()),
    outbox: new OutboxRepository(prisma),
    bits: new ActiveBitsRepositoryImpl(prisma),
    spans: new ActiveSpansRepositoryImpl(prisma),
    retention: new PostgresEventRetention(prisma),
    ...beside(prisma),
  };
}

/** Opens the adapters for tables that a Citus cluster distributes. */
export function openDistributedReplica(
  url: string,
  clock: IClock = new FixedClock(NOON),
  poolSize = 4,
): Replica {
  const prisma = new PrismaService({ url, poolSize });
  return {
    prisma,
    eventLog: new EventLogCitusRepository(prisma, clock, new IngestConnections(prisma, [], poolSize)),
    actives: new DailyActivesCitusRepository(prisma),
    stats: new DailyActiveStatsCitusRepository(prisma, new UuidEventIdGenerator()),
    outbox: new OutboxCitusRepository(prisma),
    bits: new ActiveBitsCitusRepository(prisma),
    spans: new ActiveSpansCitusRepository(prisma),
    retention: new CitusEventRetention(prisma),
    ...beside(prisma),
  };
}

/** Opens the erasure that fits the tables of the database. */
export function openErasure(url: string, waitForBuildsMs?: number): PostgresIdentityErasure {
  const open: OpenErasureTables = isDistributed(url)
    ? (connection, subject) => new BucketErasure(connection, subject)
    : (connection, subject) => new OneServerErasure(connection, subject);
  return new PostgresIdentityErasure(url, open, waitForBuildsMs);
}

function beside(prisma: PrismaService): Pick<Replica, 'snapshots' | 'lock' | 'close'> {
  return {
    snapshots: new OnlineSnapshotRepositoryImpl(prisma),
    lock: new PostgresJobLock(prisma),
    close: () => prisma.onApplicationShutdown(),
  };
}

/** Deletes every waiting message and resets the state of each lane. */
export async function emptyOutbox(owner: Sql): Promise<void> {
  await owner.rows('DELETE FROM analytics_outbox');
  await owner.rows(
    `UPDATE analytics_outbox_lanes SET emptied_at = NULL, published_at = NULL, failures = 0, retry_at = NULL,
       last_error = NULL, last_error_at = NULL`,
  );
}
