import type { QueryBus } from '@nestjs/cqrs';

import {
  ApplyRetentionCommand,
  type RetentionOptions,
  type RetentionReport,
} from '../../../src/application/commands/apply-retention/apply-retention.command.js';
import { ApplyRetentionHandler } from '../../../src/application/commands/apply-retention/apply-retention.handler.js';
import { CalculateDauCommand } from '../../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { CalculateDauHandler } from '../../../src/application/commands/calculate-dau/calculate-dau.handler.js';
import type { IClock } from '../../../src/application/ports/clock.port.js';
import { AuditActivesHandler } from '../../../src/application/queries/audit-actives/audit-actives.handler.js';
import { AuditActivesQuery } from '../../../src/application/queries/audit-actives/audit-actives.query.js';
import { AuditFirstDaysHandler } from '../../../src/application/queries/audit-first-days/audit-first-days.handler.js';
import { AuditFirstDaysQuery } from '../../../src/application/queries/audit-first-days/audit-first-days.query.js';
import { AuditNewUsersHandler } from '../../../src/application/queries/audit-new-users/audit-new-users.handler.js';
import { AuditNewUsersQuery } from '../../../src/application/queries/audit-new-users/audit-new-users.query.js';
import { AuditDauHandler } from '../../../src/application/queries/audit-dau/audit-dau.handler.js';
import { AuditDauQuery, type DauAudit } from '../../../src/application/queries/audit-dau/audit-dau.query.js';
import { DayDropper } from '../../../src/application/services/day-dropper.service.js';
import {
  RetentionPlan,
  type RetentionPolicy,
} from '../../../src/application/services/retention-plan.service.js';
import { DauCalculationService } from '../../../src/domain/services/dau-calculation.service.js';
import { InMemoryRealtimeDau } from '../contracts/realtime-dau-repository/fake.js';
import type { Replica } from '../persistence.js';

/** The use cases around retention, on the adapters of one replica. */
export class RetentionStage {
  constructor(
    private readonly replica: Replica,
    private readonly clock: IClock,
  ) {}

  run(policy: Partial<RetentionPolicy>, options: Partial<RetentionOptions> = {}): Promise<RetentionReport> {
    const { lock, retention, actives } = this.replica;
    const plan = new RetentionPlan(this.clock, retention, actives, {
      events: null,
      actives: null,
      ...policy,
    });
    const audits = {
      execute: (
        query: AuditDauQuery | AuditActivesQuery | AuditNewUsersQuery | AuditFirstDaysQuery,
      ): Promise<unknown> => {
        if (query instanceof AuditFirstDaysQuery)
          return new AuditFirstDaysHandler(this.replica.bits).execute(query);
        if (query instanceof AuditDauQuery) return this.auditHandler().execute(query);
        if (query instanceof AuditActivesQuery) return this.auditBitsHandler().execute(query);
        return new AuditNewUsersHandler(this.replica.bits).execute(query);
      },
    };
    const dropper = new DayDropper(audits as unknown as QueryBus, retention, { wait: async () => undefined });
    const handler = new ApplyRetentionHandler(this.clock, lock, plan, dropper);
    return handler.execute(
      new ApplyRetentionCommand({ dryRun: false, signal: new AbortController().signal, ...options }),
    );
  }

  audit(day: string): Promise<DauAudit> {
    return this.auditHandler().execute(new AuditDauQuery(day));
  }

  /** Returns the drift between the bits of a day and what is left to compare them with, new users included. */
  async auditBits(day: string): Promise<readonly string[]> {
    const { drift } = await this.auditBitsHandler().execute(new AuditActivesQuery(day));
    const newUsers = await new AuditNewUsersHandler(this.replica.bits).execute(
      new AuditNewUsersQuery(day, day),
    );
    return [...drift, ...newUsers.flatMap((each) => each.drift), ...(await this.auditFirstDays(day))];
  }

  /** Returns the drift between the dictionary and the log in who was new on a day. */
  async auditFirstDays(day: string): Promise<readonly string[]> {
    const { days } = await new AuditFirstDaysHandler(this.replica.bits).execute(
      new AuditFirstDaysQuery(day, day),
    );
    return days.flatMap(({ drift }) => drift);
  }

  calculate(day: string) {
    const { actives, bits, stats } = this.replica;
    const handler = new CalculateDauHandler(this.clock, actives, bits, stats, new DauCalculationService());
    return handler.execute(new CalculateDauCommand(day));
  }

  private auditBitsHandler(): AuditActivesHandler {
    const { eventLog, actives, stats, bits } = this.replica;
    return new AuditActivesHandler(eventLog, actives, stats, bits);
  }

  private auditHandler(): AuditDauHandler {
    const { eventLog, actives, stats } = this.replica;
    return new AuditDauHandler(eventLog, actives, stats, new InMemoryRealtimeDau());
  }
}
