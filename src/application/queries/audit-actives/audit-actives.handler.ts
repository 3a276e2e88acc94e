import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type BitsComparison,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../../domain/repositories/daily-actives.repository.interface.js';
import {
  EVENT_LOG_REPOSITORY,
  type IEventLogRepository,
} from '../../../domain/repositories/event-log.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { describePlaces, describeTotal } from '../count-differences.js';
import { AuditActivesQuery, type ActivesAudit } from './audit-actives.query.js';

const PLACES = 'places: bits say';
const STORED = 'stored stats says';

/** Says how much is left of a day to compare its bits with. A part came after retention had dropped the rest. */
interface Sources {
  readonly log: 'whole' | 'part' | 'none';
  readonly set: 'whole' | 'part';
}

@QueryHandler(AuditActivesQuery)
export class AuditActivesHandler implements IQueryHandler<AuditActivesQuery> {
  constructor(
    @Inject(EVENT_LOG_REPOSITORY) private readonly eventLog: IEventLogRepository,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ day }: AuditActivesQuery): Promise<ActivesAudit> {
    const comparison = await this.bits.compareWithLog(day);
    if (comparison === null) return { day, bits: null, isSettled: false, drift: [] };
    const { isSettled, count } = comparison;
    const log = await this.eventLog.queryDau(day);
    const set = await this.actives.count(day);
    const lacking = isSettled ? await this.bits.compareWithSet(day) : null;
    // Asks at the end: what came after retention has dropped a source is a part only.
    const sources: Sources = {
      log: !comparison.hasLog ? 'none' : (await this.eventLog.wasDropped(day)) ? 'part' : 'whole',
      set: (await this.actives.wasDropped(day)) ? 'part' : 'whole',
    };
    const drift = describeIdentities(comparison, sources);
    const isRight = (ours: number, theirs: number): boolean =>
      ours === theirs || (ours < theirs && !isSettled);
    if (sources.log === 'whole')
      drift.push(...describePlaces(PLACES, count, { name: 'log', count: log }, isRight));
    else if (sources.set === 'whole') drift.push(...describeSet(count, set, isSettled, isRight));
    else if (isSettled) drift.push(...(await this.describeStored(day, count)));
    // A mark that appeared meanwhile is of actives that no build has seen yet.
    if (lacking !== null && set.marks.length === 0) drift.push(...describeLacking(lacking));
    return { day, bits: count.total, isSettled, drift };
  }

  /** Compares the stored figures with the bits when nothing else is left of the day. */
  private async describeStored(day: DateKey, bits: ActiveCount): Promise<string[]> {
    const stats = await this.stats.findByDate(day);
    const stored: ActiveCount = {
      total: stats?.dauCount ?? 0,
      byProvince: stats?.dauByProvince ?? new Map(),
      byCity: stats?.dauByCity ?? new Map(),
    };
    const reference = { name: 'bits', count: bits };
    return [...describeTotal(STORED, stored, reference), ...describePlaces(STORED, stored, reference)];
  }
}

/** Bits of a day that is not settled lag behind the log; bits never run ahead of it. */
function describeIdentities(comparison: BitsComparison, { log, set }: Sources): string[] {
  const { isSettled, missing, surplus, unnamed, unnamedNew, wrongFirstDays, wrongNewBits } = comparison;
  // An erasure accounts for a day by its whole set or by its whole log.
  const isWhole = log === 'whole' || set === 'whole';
  const found: readonly (readonly [number, string])[] = [
    [isSettled ? missing : 0, 'bits: % identities of the log have no bit'],
    [log === 'whole' ? surplus : 0, 'bits: % bits belong to identities that are not in the log of the day'],
    [isSettled ? wrongFirstDays : 0, 'new users: % identities of the log have a later first day'],
    [isWhole ? unnamed : 0, 'bits: % bits belong to no identity, and no erasure accounts for them'],
    [unnamedNew, 'new users: % bits belong to no identity, and no erasure accounts for them'],
    [wrongNewBits, 'new users: % bits contradict the first day of their identity'],
  ];
  return found.filter(([count]) => count > 0).map(([count, what]) => what.replace('%', String(count)));
}

function describeSet(
  bits: ActiveCount,
  set: ActiveCount,
  isSettled: boolean,
  isRight: (ours: number, theirs: number) => boolean,
): string[] {
  const reference = { name: 'active set', count: set };
  return [
    ...(isSettled ? describeTotal('bits say', bits, reference) : []),
    ...describePlaces(PLACES, bits, reference, isRight),
  ];
}

function describeLacking({ total, byProvince, byCity }: ActiveCount): string[] {
  const places = [
    ...[...byProvince].map(([place, count]) => [`province ${JSON.stringify(place)}`, count] as const),
    ...[...byCity].map(([place, count]) => [`city ${JSON.stringify(place)}`, count] as const),
  ];
  return [
    ...(total > 0 ? [`bits: ${total} identities of the active set have no bit`] : []),
    ...places.map(
      ([place, count]) => `places: ${count} identities of the active set are missing in ${place}`,
    ),
  ];
}
