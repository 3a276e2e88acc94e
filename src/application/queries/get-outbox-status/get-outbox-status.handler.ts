import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { OUTBOX_LANES, type IOutboxLanes } from '../../ports/outbox-lanes.port.js';
import { GetOutboxStatusQuery, type OutboxStatus, type OutboxTarget } from './get-outbox-status.query.js';

/** Names what takes the messages of the outbox in a service with these settings. */
export const OUTBOX_TARGET = Symbol('OutboxTarget');

@QueryHandler(GetOutboxStatusQuery)
export class GetOutboxStatusHandler implements IQueryHandler<GetOutboxStatusQuery> {
  constructor(
    @Inject(OUTBOX_LANES) private readonly outbox: IOutboxLanes,
    @Inject(OUTBOX_TARGET) private readonly target: OutboxTarget,
  ) {}

  async execute(): Promise<OutboxStatus> {
    const lanes = await this.outbox.readStatus(null);
    const ages = lanes.flatMap(({ oldestSeconds }) => oldestSeconds ?? []);
    const published = lanes.flatMap(({ publishedAt }) => publishedAt ?? []);
    const errors = lanes.flatMap(({ lane, lastErrorAt: at, lastError: message }) =>
      at === null || message === null ? [] : [{ lane, at, message }],
    );
    return {
      waiting: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
      oldestSeconds: ages.length === 0 ? null : Math.max(...ages),
      lastPublishedAt: published.toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null,
      failingLanes: lanes.filter(({ failures }) => failures > 0).length,
      lastError: errors.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null,
      relayed: this.target === 'kafka',
      target: this.target,
      lanes,
    };
  }
}
