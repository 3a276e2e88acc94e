import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type BitsComparison,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import {
  EVENT_LOG_REPOSITORY,
  type IEventLogRepository,
} from '../../../domain/repositories/event-log.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { AuditActivesQuery, type ActivesAudit } from './audit-actives.query.js';

@QueryHandler(AuditActivesQuery)
export class AuditActivesHandler implements IQueryHandler<AuditActivesQuery> {
  constructor(
    @Inject(EVENT_LOG_REPOSITORY) private readonly eventLog: IEventLogRepository,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ day }: AuditActivesQuery): Promise<ActivesAudit> {
    const comparison = await this.bits.compareWithLog(day);
    if (comparison === null) return { day, bits: null, drift: [] };
    const log = await this.eventLog.queryDau(day);
    // Asks at the end: what came after retention has dropped the log is a part only.
    const hasLog = comparison.hasLog && !(await this.eventLog.wasDropped(day));
    const drift = hasLog ? [...describeDifferences(comparison), ...describePlaces(comparison, log)] : [];
    return { day, bits: comparison.count.total, drift };
  }
}

/** Bits of a day that is not settled lag behind the log; bits never run ahead of it. */
function describeDifferences(comparison: BitsComparison): string[] {
  const { isSettled, missing, surplus, unnamed, unnamedNew, wrongFirstDays, wrongNewBits } = comparison;
  const found: readonly (readonly [number, string])[] = [
    [isSettled ? missing : 0, 'identities of the log have no bit'],
    [surplus, 'bits belong to identities that are not in the log of the day'],
    [isSettled ? wrongFirstDays : 0, 'identities have another first day in the log than in the bits'],
    [unnamed, 'bits belong to no identity, and no erasure accounts for them'],
    [unnamedNew, 'bits of new users belong to no identity, and no erasure accounts for them'],
    [wrongNewBits, 'bits of new users contradict the first day of their identity'],
  ];
  return found.filter(([count]) => count > 0).map(([count, what]) => `bits: ${count} ${what}`);
}

function describePlaces({ isSettled, count }: BitsComparison, log: ActiveCount): string[] {
  const differences: string[] = [];
  for (const [level, ours, theirs] of [
    ['province', count.byProvince, log.byProvince],
    ['city', count.byCity, log.byCity],
  ] as const) {
    for (const place of new Set([...ours.keys(), ...theirs.keys()])) {
      const [a, b] = [ours.get(place) ?? 0, theirs.get(place) ?? 0];
      const isRight = a === b || (a < b && !isSettled);
      if (!isRight) differences.push(`bits say ${a} in ${level} ${JSON.stringify(place)}, the log ${b}`);
    }
  }
  return differences;
}
