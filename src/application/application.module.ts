import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { DomainModule } from '../domain/domain.module.js';
import { EventTimeService } from '../domain/services/event-time.service.js';
import type { PlaceNaming } from '../domain/value-objects/place-names.vo.js';
import { ApplyRetentionHandler } from './commands/apply-retention/apply-retention.handler.js';
import { BuildActivesHandler } from './commands/build-actives/build-actives.handler.js';
import { CalculateDauHandler } from './commands/calculate-dau/calculate-dau.handler.js';
import { EraseIdentityHandler } from './commands/erase-identity/erase-identity.handler.js';
import { ImportEventsHandler } from './commands/import-events/import-events.handler.js';
import { MaintainEventLogHandler } from './commands/maintain-event-log/maintain-event-log.handler.js';
import { RecordAccountCreatedHandler } from './commands/record-account-created/record-account-created.handler.js';
import { RecordEventsHandler, TRUSTS_BODY_USER_ID } from './commands/record-events/record-events.handler.js';
import { RecordHeartbeatsHandler } from './commands/record-heartbeats/record-heartbeats.handler.js';
import { RecordHeartbeatHandler } from './commands/record-heartbeat/record-heartbeat.handler.js';
import { RecordOnlineSnapshotHandler } from './commands/record-online-snapshot/record-online-snapshot.handler.js';
import { RefreshFigureMetricsHandler } from './commands/refresh-figure-metrics/refresh-figure-metrics.handler.js';
import { RemoveExpiredPresenceHandler } from './commands/remove-expired-presence/remove-expired-presence.handler.js';
import { RepairPresenceHandler } from './commands/repair-presence/repair-presence.handler.js';
import { UniteWeeksHandler } from './commands/unite-weeks/unite-weeks.handler.js';
import { RepairRealtimeDauHandler } from './commands/repair-realtime-dau/repair-realtime-dau.handler.js';
import { IdentityEventsListener } from './listeners/identity-events.listener.js';
import { AuditActivesHandler } from './queries/audit-actives/audit-actives.handler.js';
import { AuditFirstDaysHandler } from './queries/audit-first-days/audit-first-days.handler.js';
import { AuditNewUsersHandler } from './queries/audit-new-users/audit-new-users.handler.js';
import { AuditWeeksHandler } from './queries/audit-weeks/audit-weeks.handler.js';
import { AuditDauHandler } from './queries/audit-dau/audit-dau.handler.js';
import { GetDailyOnlineHandler } from './queries/get-daily-online/get-daily-online.handler.js';
import { GetActiveUsersHandler } from './queries/get-active-users/get-active-users.handler.js';
import { GetDauStatsHandler } from './queries/get-dau-stats/get-dau-stats.handler.js';
import { GetLifecycleHandler } from './queries/get-lifecycle/get-lifecycle.handler.js';
import { GetOnlineCountHandler } from './queries/get-online-count/get-online-count.handler.js';
import { GetOnlineHistoryHandler } from './queries/get-online-history/get-online-history.handler.js';
import {
  GetOutboxStatusHandler,
  OUTBOX_TARGET,
} from './queries/get-outbox-status/get-outbox-status.handler.js';
import type { OutboxTarget } from './queries/get-outbox-status/get-outbox-status.query.js';
import { GetReadinessHandler } from './queries/get-readiness/get-readiness.handler.js';
import { GetRealtimeDauHandler } from './queries/get-realtime-dau/get-realtime-dau.handler.js';
import { GetServiceStatusHandler } from './queries/get-service-status/get-service-status.handler.js';
import { GetRetentionHandler } from './queries/get-retention/get-retention.handler.js';
import { GetRollingActiveUsersHandler } from './queries/get-rolling-active-users/get-rolling-active-users.handler.js';
import { WatchFiguresHandler } from './queries/watch-figures/watch-figures.handler.js';
import { BACKGROUND_WORK, type BackgroundWork } from './ports/background-work.port.js';
import { SHUTDOWN_NOTICE } from './ports/shutdown-notice.port.js';
import { AnalyticsScheduler } from './schedulers/analytics.scheduler.js';
import { DependencyWatch } from './schedulers/dependency-watch.js';
import { DayDropper } from './services/day-dropper.service.js';
import { DauRollupService } from './services/dau-rollup.service.js';
import { DependencyHistory } from './services/dependency-history.service.js';
import { FigureReadings } from './services/figure-readings.service.js';
import { EventParser, PLACE_NAMING } from './services/event-parser.service.js';
import { EventRecorder } from './services/event-recorder.service.js';
import { JobRunner } from './services/job-runner.service.js';
import { LiveActives } from './services/live-actives.service.js';
import { LiveFigures } from './services/live-figures.service.js';
import { RealtimeDauRepair } from './services/realtime-dau-repair.service.js';
import { RealtimeDauService } from './services/realtime-dau.service.js';
import { RETENTION_POLICY, RetentionPlan, type RetentionPolicy } from './services/retention-plan.service.js';
import { SettledDays } from './services/settled-days.service.js';
import { StaleDays } from './services/stale-days.service.js';
import { StatusReadings } from './services/status-readings.service.js';
import { ShutdownNotice } from './services/shutdown-notice.service.js';

export interface ApplicationOptions {
  /** Modules that provide the ports of `domain/repositories` and `application/ports`. */
  readonly adapters: readonly DynamicModule[];
  readonly eventMaxAgeDays: number;
  /** Accepts the `userId` of a body without a token that confirms it. */
  readonly trustsBodyUserId: boolean;
  /** Names what takes the messages of the outbox in a service with these settings. */
  readonly outboxTarget: OutboxTarget;
  readonly placeNaming: PlaceNaming;
  readonly retention: RetentionPolicy;
  /** Runs jobs and the consumer. Commands of an operator set it to false, to leave them to the service. */
  readonly backgroundWork: boolean;
}

const handlers = [
  RecordEventsHandler,
  ImportEventsHandler,
  RecordHeartbeatHandler,
  RecordHeartbeatsHandler,
  RecordAccountCreatedHandler,
  CalculateDauHandler,
  EraseIdentityHandler,
  BuildActivesHandler,
  UniteWeeksHandler,
  RecordOnlineSnapshotHandler,
  MaintainEventLogHandler,
  ApplyRetentionHandler,
  RemoveExpiredPresenceHandler,
  RefreshFigureMetricsHandler,
  RepairPresenceHandler,
  RepairRealtimeDauHandler,
  GetDauStatsHandler,
  GetActiveUsersHandler,
  GetRollingActiveUsersHandler,
  GetLifecycleHandler,
  GetRetentionHandler,
  GetRealtimeDauHandler,
  GetReadinessHandler,
  GetServiceStatusHandler,
  GetOnlineCountHandler,
  GetOnlineHistoryHandler,
  GetDailyOnlineHandler,
  GetOutboxStatusHandler,
  AuditDauHandler,
  AuditActivesHandler,
  AuditFirstDaysHandler,
  AuditNewUsersHandler,
  AuditWeeksHandler,
  WatchFiguresHandler,
];

const services = [
  EventParser,
  EventRecorder,
  StaleDays,
  RealtimeDauService,
  RealtimeDauRepair,
  LiveActives,
  LiveFigures,
  DauRollupService,
  SettledDays,
  JobRunner,
  RetentionPlan,
  DayDropper,
  DependencyHistory,
  StatusReadings,
  FigureReadings,
];

const backgroundWork: Provider[] = [
  AnalyticsScheduler,
  DependencyWatch,
  IdentityEventsListener,
  {
    provide: BACKGROUND_WORK,
    useFactory: (...work: readonly BackgroundWork[]) => work,
    inject: [AnalyticsScheduler, DependencyWatch, IdentityEventsListener],
  },
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
        { provide: OUTBOX_TARGET, useValue: options.outboxTarget },
        { provide: PLACE_NAMING, useValue: options.placeNaming },
        { provide: RETENTION_POLICY, useValue: options.retention },
        ...handlers,
        ...services,
        { provide: SHUTDOWN_NOTICE, useClass: ShutdownNotice },
        ...(options.backgroundWork ? backgroundWork : []),
      ],
      exports: [CqrsModule, ...options.adapters],
    };
  }
}
