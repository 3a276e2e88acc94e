import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { ReadyConfiguration } from '../config/configuration.js';
import type { KafkaConfig } from '../config/kafka.config.js';
import { BACKGROUND_WORK, type BackgroundWork } from '../application/ports/background-work.port.js';
import { BACKOFF } from '../application/ports/backoff.port.js';
import { CLOCK_CHECK } from '../application/ports/clock-check.port.js';
import { CLOCK, type IClock } from '../application/ports/clock.port.js';
import { CONSUMER_LAG, type IConsumerLag } from '../application/ports/consumer-lag.port.js';
import { DEAD_LETTERS } from '../application/ports/dead-letters.port.js';
import { DAILY_ACTIVE_STATS_REPOSITORY } from '../domain/repositories/daily-active-stats.repository.interface.js';
import { ACTIVE_BITS_REPOSITORY } from '../domain/repositories/active-bits.repository.interface.js';
import { ACTIVE_SPANS_REPOSITORY } from '../domain/repositories/active-spans.repository.interface.js';
import { DAILY_ACTIVES_REPOSITORY } from '../domain/repositories/daily-actives.repository.interface.js';
import { EVENT_CONSUMER, type IEventConsumer } from '../application/ports/event-consumer.port.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../application/ports/event-id-generator.port.js';
import { EVENT_LOG_MAINTENANCE } from '../application/ports/event-log-maintenance.port.js';
import { EVENT_LOG_REPOSITORY } from '../domain/repositories/event-log.repository.interface.js';
import { EVENT_RETENTION } from '../application/ports/event-retention.port.js';
import { EVENT_PUBLISHER, type IEventPublisher } from '../application/ports/event-publisher.port.js';
import { HEALTH_PROBES, type HealthProbe } from '../application/ports/health-probe.port.js';
import { IDENTITY_ERASURE } from '../application/ports/identity-erasure.port.js';
import { JOB_LOCK } from '../application/ports/job-lock.port.js';
import { OUTBOX_LANES } from '../application/ports/outbox-lanes.port.js';
import { ONLINE_SNAPSHOT_REPOSITORY } from '../domain/repositories/online-snapshot.repository.interface.js';
import { PRESENCE_REPOSITORY } from '../domain/repositories/presence.repository.interface.js';
import { REALTIME_DAU_REPOSITORY } from '../domain/repositories/realtime-dau.repository.interface.js';
import { TRACER, type ITracer } from '../application/ports/tracer.port.js';
import { RATE_LIMIT_STORE, type RateLimitStore } from '../application/ports/rate-limit-store.port.js';
import { InProcessPresenceRepository } from './in-process/in-process-presence.repository.js';
import { InProcessRealtimeDauRepository } from './in-process/in-process-realtime-dau.repository.js';
import { KafkaConsumerLag } from './kafka/consumer/kafka-consumer-lag.js';
import { KafkaDeadLetters } from './kafka/dead-letters/kafka-dead-letters.js';
import { EventConsumerService } from './kafka/event-consumer.service.js';
import { EVENT_PUBLISHER_CAPACITY, EventPublisherService } from './kafka/event-publisher.service.js';
import { EVENT_TRANSPORT, type EventTransport } from './outbox/event-transport.js';
import { openKafkaTransport } from './kafka/open-kafka-transport.js';
import { LogEventTransport } from './outbox/log-event-transport.js';
import { OutboxRelay } from './outbox/outbox-relay.service.js';
import { ActiveBitsCitusRepository } from './persistence/citus/active-bits-citus.repository.js';
import { ActiveSpansCitusRepository } from './persistence/citus/active-spans-citus.repository.js';
import { BucketErasure } from './persistence/citus/bucket-erasure.js';
import { DailyActiveStatsCitusRepository } from './persistence/citus/daily-active-stats-citus.repository.js';
import { DailyActivesCitusRepository } from './persistence/citus/daily-actives-citus.repository.js';
import { EventLogCitusRepository } from './persistence/citus/event-log-citus.repository.js';
import { CitusEventRetention } from './persistence/citus/citus-event-retention.js';
import { IngestConnections } from './persistence/citus/ingest-connections.js';
import { DatabaseLayout } from './persistence/database-layout.js';
import { DatabaseProbe } from './persistence/database-probe.js';
import { DatabaseTime } from './persistence/database-time.js';
import { PostgresEventRetention } from './persistence/event-log/postgres-event-retention.js';
import { OneServerErasure } from './persistence/erasure/one-server-erasure.js';
import { PostgresIdentityErasure } from './persistence/erasure/postgres-identity-erasure.js';
import { PostgresJobLock } from './persistence/postgres-job-lock.js';
import { PrismaService } from './persistence/prisma/prisma.service.js';
import { ActiveBitsRepositoryImpl } from './persistence/repositories/active-bits.repository.impl.js';
import { limitsForPool } from './persistence/actives/span-limits.js';
import { ActiveSpansRepositoryImpl } from './persistence/repositories/active-spans.repository.impl.js';
import { DailyActiveStatsRepositoryImpl } from './persistence/repositories/daily-active-stats.repository.impl.js';
import { DailyActivesRepositoryImpl } from './persistence/repositories/daily-actives.repository.impl.js';
import { EventLogRepositoryImpl } from './persistence/repositories/event-log.repository.impl.js';
import { OnlineSnapshotRepositoryImpl } from './persistence/repositories/online-snapshot.repository.impl.js';
import { OutboxCitusRepository } from './outbox/outbox-citus.repository.js';
import { OutboxRepository } from './outbox/outbox.repository.js';
import { PresenceRedisRepository } from './redis/presence-redis.repository.js';
import { RateLimitRedisStore } from './redis/rate-limit-redis.store.js';
import { RealtimeDauRedisRepository } from './redis/realtime-dau-redis.repository.js';
import { RedisProbe } from './redis/redis-probe.js';
import { RedisService } from './redis/redis.service.js';
import { RedisTime } from './redis/redis-time.js';
import { StoreClock } from './system/store-clock.js';
import { SystemClock } from './system/system-clock.js';
import { TimerBackoff } from './system/timer-backoff.js';
import { openTracer } from './tracing/open-tracer.js';
import { TracedTransport } from './tracing/traced-transport.js';
import { UuidEventIdGenerator } from './system/uuid-event-id-generator.js';

const PORTS = [
  CLOCK,
  CLOCK_CHECK,
  BACKOFF,
  EVENT_ID_GENERATOR,
  EVENT_LOG_REPOSITORY,
  EVENT_LOG_MAINTENANCE,
  EVENT_RETENTION,
  DAILY_ACTIVES_REPOSITORY,
  ACTIVE_BITS_REPOSITORY,
  ACTIVE_SPANS_REPOSITORY,
  DAILY_ACTIVE_STATS_REPOSITORY,
  ONLINE_SNAPSHOT_REPOSITORY,
  PRESENCE_REPOSITORY,
  REALTIME_DAU_REPOSITORY,
  EVENT_PUBLISHER,
  EVENT_CONSUMER,
  CONSUMER_LAG,
  JOB_LOCK,
  OUTBOX_LANES,
  IDENTITY_ERASURE,
  HEALTH_PROBES,
  TRACER,
];

export interface InfrastructureOptions {
  /** False in commands of an operator: the running service publishes what they write. */
  readonly relayOutbox: boolean;
  /** False in commands of an operator, which record no spans. */
  readonly traces: boolean;
}

/** Providers of the adapters for one service, and the tokens of their health probes. */
interface Adapters {
  readonly providers: readonly Provider[];
  readonly probes: readonly symbol[];
}

const DATABASE_PROBE = Symbol('HealthProbe: database');
const REDIS_PROBE = Symbol('HealthProbe: redis');
const KAFKA_PROBE = Symbol('HealthProbe: kafka');

/** Chooses the adapter of each port by the configuration. */
@Module({})
export class InfrastructureModule {
  static register(config: ReadyConfiguration, options: InfrastructureOptions): DynamicModule {
    const adapters = [
      persistence(config),
      config.redis === null ? inProcess() : redis(config.redis),
      publishing(config, options),
    ];
    return {
      module: InfrastructureModule,
      providers: [
        ...clock(config),
        { provide: TRACER, useFactory: () => openTracer(options.traces ? config.tracing : null) },
        { provide: EVENT_ID_GENERATOR, useClass: UuidEventIdGenerator },
        { provide: BACKOFF, useFactory: () => new TimerBackoff() },
        ...adapters.flatMap(({ providers }) => providers),
        {
          provide: HEALTH_PROBES,
          useFactory: (...probes: readonly HealthProbe[]) => probes,
          inject: adapters.flatMap(({ probes }) => probes),
        },
      ],
      exports: PORTS,
    };
  }

  /** Provides the dead letters of Kafka alone, which need no database. */
  static forDeadLetters(kafka: KafkaConfig): DynamicModule {
    return {
      module: InfrastructureModule,
      providers: [
        { provide: CLOCK, useClass: SystemClock },
        { provide: EVENT_ID_GENERATOR, useClass: UuidEventIdGenerator },
        {
          provide: DEAD_LETTERS,
          useFactory: (clock: IClock, ids: IEventIdGenerator) =>
            new KafkaDeadLetters(kafka, ids.next(clock.now()).value),
          inject: [CLOCK, EVENT_ID_GENERATOR],
        },
      ],
      exports: [DEAD_LETTERS],
    };
  }
}

/** The time of Redis; of PostgreSQL where there is no Redis, or while it has not answered yet. */
function clock(config: ReadyConfiguration): Provider[] {
  return [
    {
      provide: StoreClock,
      useFactory: async (prisma: PrismaService, redis?: RedisService) => {
        const sources = [...(redis === undefined ? [] : [new RedisTime(redis)]), new DatabaseTime(prisma)];
        const storeClock = new StoreClock(sources);
        // The service starts without its stores as well.
        await storeClock.measure();
        return storeClock;
      },
      inject: [PrismaService, ...(config.redis === null ? [] : [RedisService])],
    },
    { provide: CLOCK, useExisting: StoreClock },
    { provide: CLOCK_CHECK, useExisting: StoreClock },
  ];
}

/** Adapters for tables on one server, and for tables that a Citus cluster distributes (docs/adr/0021). */
const ONE_SERVER = {
  eventLog: EventLogRepositoryImpl,
  actives: DailyActivesRepositoryImpl,
  bits: ActiveBitsRepositoryImpl,
  spans: ActiveSpansRepositoryImpl,
  stats: DailyActiveStatsRepositoryImpl,
  outbox: OutboxRepository,
  retention: PostgresEventRetention,
  erasure: OneServerErasure,
};
const CLUSTER = {
  eventLog: EventLogCitusRepository,
  actives: DailyActivesCitusRepository,
  bits: ActiveBitsCitusRepository,
  spans: ActiveSpansCitusRepository,
  stats: DailyActiveStatsCitusRepository,
  outbox: OutboxCitusRepository,
  retention: CitusEventRetention,
  erasure: BucketErasure,
};

function persistence(config: ReadyConfiguration): Adapters {
  const layout = config.database.isDistributed ? CLUSTER : ONE_SERVER;
  const providers: Provider[] = [
    {
      provide: PrismaService,
      useFactory: () => new PrismaService({ url: config.database.url, poolSize: config.database.poolSize }),
    },
    {
      provide: DatabaseLayout,
      useFactory: (prisma: PrismaService) => new DatabaseLayout(prisma, config.database.isDistributed),
      inject: [PrismaService],
    },
    {
      provide: IngestConnections,
      useFactory: (prisma: PrismaService) =>
        new IngestConnections(prisma, config.database.ingestUrls, config.database.poolSize),
      inject: [PrismaService],
    },
    { provide: EVENT_LOG_REPOSITORY, useClass: layout.eventLog },
    { provide: EVENT_LOG_MAINTENANCE, useExisting: EVENT_LOG_REPOSITORY },
    { provide: EVENT_RETENTION, useClass: layout.retention },
    { provide: DAILY_ACTIVES_REPOSITORY, useClass: layout.actives },
    { provide: DAILY_ACTIVE_STATS_REPOSITORY, useClass: layout.stats },
    { provide: ACTIVE_BITS_REPOSITORY, useClass: layout.bits },
    {
      provide: ACTIVE_SPANS_REPOSITORY,
      useFactory: (prisma: PrismaService) =>
        new layout.spans(prisma, limitsForPool(config.database.poolSize)),
      inject: [PrismaService],
    },
    { provide: ONLINE_SNAPSHOT_REPOSITORY, useClass: OnlineSnapshotRepositoryImpl },
    { provide: JOB_LOCK, useClass: PostgresJobLock },
    {
      provide: IDENTITY_ERASURE,
      useFactory: () =>
        new PostgresIdentityErasure(
          config.database.migrationUrl,
          (connection, subject) => new layout.erasure(connection, subject),
        ),
    },
    { provide: OutboxRepository, useClass: layout.outbox },
    { provide: OUTBOX_LANES, useExisting: OutboxRepository },
    {
      provide: DATABASE_PROBE,
      useFactory: (prisma: PrismaService, layout: DatabaseLayout): HealthProbe =>
        new DatabaseProbe(prisma, layout),
      inject: [PrismaService, DatabaseLayout],
    },
  ];
  return { providers, probes: [DATABASE_PROBE] };
}

function redis(config: NonNullable<ReadyConfiguration['redis']>): Adapters {
  const providers: Provider[] = [
    {
      provide: RedisService,
      useFactory: async (tracer: ITracer) => {
        const service = new RedisService(config, tracer);
        await service.settle();
        return service;
      },
      inject: [TRACER],
    },
    {
      provide: PRESENCE_REPOSITORY,
      useFactory: (service: RedisService, storeClock: StoreClock, tracer: ITracer) =>
        new PresenceRedisRepository(service, config.presenceShards, storeClock, tracer),
      inject: [RedisService, StoreClock, TRACER],
    },
    { provide: REALTIME_DAU_REPOSITORY, useClass: RealtimeDauRedisRepository },
    {
      provide: RATE_LIMIT_STORE,
      useFactory: (service: RedisService): RateLimitStore => new RateLimitRedisStore(service),
      inject: [RedisService],
    },
    {
      provide: REDIS_PROBE,
      useFactory: (service: RedisService): HealthProbe => {
        const probe = new RedisProbe(service);
        return { dependency: 'redis', essential: false, check: () => probe.check() };
      },
      inject: [RedisService],
    },
  ];
  return { providers, probes: [REDIS_PROBE] };
}

function inProcess(): Adapters {
  const providers: Provider[] = [
    {
      provide: PRESENCE_REPOSITORY,
      useFactory: (storeClock: IClock) => new InProcessPresenceRepository(storeClock),
      inject: [CLOCK],
    },
    { provide: REALTIME_DAU_REPOSITORY, useClass: InProcessRealtimeDauRepository },
    { provide: RATE_LIMIT_STORE, useValue: null },
  ];
  return { providers, probes: [] };
}

function publishing(config: ReadyConfiguration, options: InfrastructureOptions): Adapters {
  const { kafka } = config;
  const providers: Provider[] = [
    {
      provide: EVENT_TRANSPORT,
      useFactory: async (tracer: ITracer): Promise<EventTransport> => {
        const transport = kafka === null ? new LogEventTransport() : await openKafkaTransport(kafka);
        return tracer.isRecording ? new TracedTransport(transport, tracer) : transport;
      },
      inject: [TRACER],
    },
    { provide: EVENT_PUBLISHER_CAPACITY, useValue: config.app.heartbeatBufferSize },
    config.app.publishesHeartbeats
      ? { provide: EVENT_PUBLISHER, useClass: EventPublisherService }
      : { provide: EVENT_PUBLISHER, useValue: nothingPublished },
    {
      provide: EVENT_CONSUMER,
      useFactory: (clock: IClock, tracer: ITracer): IEventConsumer =>
        kafka === null ? nothingToConsume : new EventConsumerService(kafka, clock, undefined, tracer),
      inject: [CLOCK, TRACER],
    },
    {
      provide: CONSUMER_LAG,
      useFactory: (): IConsumerLag => (kafka === null ? nothingBehind : new KafkaConsumerLag(kafka)),
    },
    ...(options.relayOutbox ? [OutboxRelay, relayWork] : []),
    ...(kafka === null ? [] : [kafkaProbe]),
  ];
  return { providers, probes: kafka === null ? [] : [KAFKA_PROBE] };
}

const relayWork: Provider = {
  provide: BACKGROUND_WORK,
  useFactory: (relay: BackgroundWork) => [relay],
  inject: [OutboxRelay],
};

const kafkaProbe: Provider = {
  provide: KAFKA_PROBE,
  useFactory: (transport: EventTransport): HealthProbe => ({
    dependency: 'kafka',
    essential: false,
    check: () => transport.check(),
  }),
  inject: [EVENT_TRANSPORT],
};

/** Publisher of best-effort events where no heartbeat is to be published: it has no other events. */
const nothingPublished: IEventPublisher = {
  offer: () => undefined,
  reserve: () => Promise.resolve({ publish: () => undefined, release: () => undefined }),
};

const nothingToConsume: IEventConsumer = { start: () => undefined };

const nothingBehind: IConsumerLag = { countMessages: () => Promise.resolve(0) };
