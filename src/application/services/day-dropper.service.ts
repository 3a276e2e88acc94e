import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { BACKOFF, type IBackoff } from '../ports/backoff.port.js';
import {
  EVENT_RETENTION,
  type DropOutcome,
  type IEventRetention,
  type RetainedData,
} from '../ports/event-retention.port.js';
import type { KeptReason } from '../commands/apply-retention/apply-retention.command.js';
import { AuditActivesQuery } from '../queries/audit-actives/audit-actives.query.js';
import { AuditFirstDaysQuery } from '../queries/audit-first-days/audit-first-days.query.js';
import { AuditNewUsersQuery } from '../queries/audit-new-users/audit-new-users.query.js';
import { AuditDauQuery } from '../queries/audit-dau/audit-dau.query.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { PlannedDay } from './retention-plan.service.js';

/** Each attempt holds up flushes for 0.4 s at most; the waits between them let the flushes catch up. */
const MAX_ATTEMPTS = 10;

/** Sentences that a report shows of a day. */
const MAX_SENTENCES = 20;

export type DropResult =
  { readonly rows: number } | { readonly keptBy: KeptReason; readonly drift?: readonly string[] } | null;

/** Drops one day after a last audit of all that routes answer: what is dropped can never be compared again. */
@Injectable()
export class DayDropper {
  constructor(
    private readonly queryBus: QueryBus,
    @Inject(EVENT_RETENTION) private readonly retention: IEventRetention,
    @Inject(BACKOFF) private readonly backoff: IBackoff,
  ) {}

  /** @returns the rows that were dropped, or why the day stays; null when it is gone already */
  async drop({ data, day, figuresVersion }: PlannedDay): Promise<DropResult> {
    const drift = await this.findDrift(data, day);
    if (drift.length > 0) return { keptBy: 'drift', drift: drift.slice(0, MAX_SENTENCES) };
    const rows = await this.retention.countRows(data, day);
    const outcome = await this.attempt(() => this.retention.drop(data, day, figuresVersion));
    if (outcome === 'absent') return null;
    return outcome === 'dropped' ? { rows } : { keptBy: outcome };
  }

  /** @returns the rows that {@link drop} would drop if the audit found no drift */
  async preview({ data, day }: PlannedDay): Promise<DropResult> {
    return { rows: await this.retention.countRows(data, day) };
  }

  /**
   * Looks for anything that a route answers and that would be lost. Once the events are gone, the active set is what
   * remains; once the set is gone, bits and figures are.
   */
  private async findDrift(data: RetainedData, day: DateKey): Promise<string[]> {
    const dau = await this.queryBus.execute(new AuditDauQuery(day));
    const actives = await this.queryBus.execute(new AuditActivesQuery(day));
    const isUnproven = data === 'actives' && (dau.stored ?? 0) > 0 && !actives.isSettled;
    const newUsers = await this.queryBus.execute(new AuditNewUsersQuery(day, day));
    // The log up to a day is short when its oldest day goes; while it stays, a later audit can compare it.
    const firstDays =
      data === 'events' ? (await this.queryBus.execute(new AuditFirstDaysQuery(day, day))).days : [];
    return [
      ...(isUnproven ? [`bits: those of ${day} are not built yet: npm run actives:build -- ${day}`] : []),
      ...dau.drift,
      ...actives.drift,
      ...[...newUsers, ...firstDays].flatMap(({ drift }) => drift),
    ];
  }

  private async attempt(drop: () => Promise<DropOutcome>): Promise<DropOutcome> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await drop();
      if (outcome !== 'busy' || attempt >= MAX_ATTEMPTS) return outcome;
      await this.backoff.wait(attempt);
    }
  }
}
