import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { DomainModule } from '../domain/domain.module.js';
import { EventTimeService } from '../domain/services/event-time.service.js';
import { CalculateDauHandler } from './commands/calculate-dau/calculate-dau.handler.js';
import { ImportEventsHandler } from './commands/import-events/import-events.handler.js';
import { RecordAccountCreatedHandler } from './commands/record-account-created/record-account-created.handler.js';
import { RecordEventsHandler, TRUSTS_BODY_USER_ID } from './commands/record-events/record-events.handler.js';
import { RecordHeartbeatHandler } from './commands/record-heartbeat/record-heartbeat.handler.js';
import { RecordOnlineSnapshotHandler } from './commands/record-online-snapshot/record-online-snapshot.handler.js';
import { IdentityEventsListener } from './listeners/identity-events.listener.js';
import { AuditDauHandler } from './queries/audit-dau/audit-dau.handler.js';
import { GetDauStatsHandler } from './queries/get-dau-stats/get-dau-stats.handler.js';
import { GetOnlineCountHandler } from './queries/get-online-count/get-online-count.handler.js';
import { GetOnlineHistoryHandler } from './queries/get-online-history/get-online-history.handler.js';
import {
  GetOutboxStatusHandler,
  IS_OUTBOX_RELAYED,
} from './queries/get-outbox-status/get-outbox-status.handler.js';
import { GetReadinessHandler } from './queries/get-readiness/get-readiness.handler.js';
import { GetRealtimeDauHandler } from './queries/get-realtime-dau/get-realtime-dau.handler.js';
import { AnalyticsScheduler } from './schedulers/analytics.scheduler.js';
import { DauRollupService } from './services/dau-rollup.service.js';
import { EventParser } from './services/event-parser.service.js';
import { EventRecorder } from './services/event-recorder.service.js';
import { JobRunner } from './services/job-runner.service.js';
import { LiveActives } from './services/live-actives.service.js';
import { MaintenanceService } from './services/maintenance.service.js';
import { RealtimeDauService } from './services/realtime-dau.service.js';

export interface ApplicationOptions {
  /** Modules that provide the ports of `domain/repositories`. */
  readonly adapters: NonNullable<ModuleMetadata['imports']>;
  readonly eventMaxAgeDays: number;
  /** Whether a `userId` in a body counts without a token that says the same. */
  readonly trustsBodyUserId: boolean;
  /** True when a service with these settings publishes the outbox. */
  readonly isOutboxRelayed: boolean;
  /** Scheduled jobs and consumption. False for commands run by hand, which must not compete with the service. */
  readonly backgroundWork: boolean;
}

const handlers = [
  RecordEventsHandler,
  ImportEventsHandler,
  RecordHeartbeatHandler,
  RecordAccountCreatedHandler,
  CalculateDauHandler,
  RecordOnlineSnapshotHandler,
  GetDauStatsHandler,
  GetRealtimeDauHandler,
  GetReadinessHandler,
  GetOnlineCountHandler,
  GetOnlineHistoryHandler,
  GetOutboxStatusHandler,
  AuditDauHandler,
];

const services = [
  EventParser,
  EventRecorder,
  RealtimeDauService,
  LiveActives,
  DauRollupService,
  MaintenanceService,
  JobRunner,
];

@Module({})
export class ApplicationModule {
  static register(options: ApplicationOptions): DynamicModule {
    return {
      module: ApplicationModule,
      imports: [
        CqrsModule.forRoot(),
        DomainModule,
        ...options.adapters,
        ...(options.backgroundWork ? [ScheduleModule.forRoot()] : []),
      ],
      providers: [
        { provide: EventTimeService, useValue: new EventTimeService(options.eventMaxAgeDays) },
        { provide: TRUSTS_BODY_USER_ID, useValue: options.trustsBodyUserId },
        { provide: IS_OUTBOX_RELAYED, useValue: options.isOutboxRelayed },
        ...handlers,
        ...services,
        ...(options.backgroundWork ? [AnalyticsScheduler, IdentityEventsListener] : []),
      ],
      exports: [CqrsModule],
    };
  }
}
