import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DependencyHistory } from '../../services/dependency-history.service.js';
import { StatusReadings, type OutboxBacklog } from '../../services/status-readings.service.js';
import { OUTBOX_TARGET } from '../get-outbox-status/get-outbox-status.handler.js';
import type { OutboxTarget } from '../get-outbox-status/get-outbox-status.query.js';
import { GetServiceStatusQuery, type ServiceStatus } from './get-service-status.query.js';

const UNKNOWN: Readonly<Record<keyof OutboxBacklog, null>> = {
  waiting: null,
  oldestSeconds: null,
  failingLanes: null,
};

@QueryHandler(GetServiceStatusQuery)
export class GetServiceStatusHandler implements IQueryHandler<GetServiceStatusQuery> {
  constructor(
    private readonly readings: StatusReadings,
    private readonly history: DependencyHistory,
    @Inject(OUTBOX_TARGET) private readonly target: OutboxTarget,
  ) {}

  async execute(): Promise<ServiceStatus> {
    const consumes = this.target === 'kafka';
    const [readiness, outbox, lag] = await Promise.all([
      this.readings.readReadiness(),
      this.readings.readOutbox(),
      consumes ? this.readings.readLagMessages() : null,
    ]);
    const { status, clock, dependencies } = readiness.value;
    return {
      status,
      clock,
      asOf: readiness.asOf,
      dependencies: Object.entries(dependencies).map(([name, each]) => ({
        name,
        status: each,
        since: this.history.sinceOf(name) ?? readiness.asOf,
      })),
      outbox: {
        ...(outbox.value ?? UNKNOWN),
        target: this.target,
        state: outbox.value === null ? 'unknown' : 'ok',
        asOf: outbox.asOf,
      },
      identityConsumer: lag && {
        lagMessages: lag.value,
        state: lag.value === null ? 'unknown' : 'ok',
        asOf: lag.asOf,
      },
    };
  }
}
