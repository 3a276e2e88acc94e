import type { IClock } from '../../../application/ports/clock.port.js';
import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushDurationSeconds, flushFailuresTotal, flushRows } from '../../../shared/metrics/metrics.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { DayMarks } from './day-marks.js';
import { claimCorrectedTimes } from './event-claims.js';
import type { EventLogPartitions } from './event-log-partitions.js';
import { prepareFlushStatement, type FlushResult } from './flush-statement.js';

/** PostgreSQL reports a row without a partition as a violated check. */
const NO_PARTITION = '23514';
const DEADLOCK = '40P01';
/** The statement refuses to store an event that was claimed meanwhile; the next attempt sees the claim. */
const LATE_CLAIM = '40001';
const MAX_ATTEMPTS: Readonly<Record<string, number>> = { [NO_PARTITION]: 3, [DEADLOCK]: 3, [LATE_CLAIM]: 10 };

/** Stores one flush of events: removes repeats, claims, creates partitions, runs the statement, retries, measures. */
export class EventFlush {
  private readonly marks: DayMarks;

  constructor(
    private readonly prisma: PrismaService,
    private readonly partitions: EventLogPartitions,
    clock: IClock,
  ) {
    this.marks = new DayMarks(clock);
  }

  /** @returns for each event, in order, whether it was new */
  async store(events: readonly EventLog[]): Promise<boolean[]> {
    const positions = positionsOfFirstOccurrences(events);
    const unique =
      positions.length === events.length ? events : positions.map((position) => events[position] as EventLog);
    const isNew = new Array<boolean>(events.length).fill(false);
    for (const position of positions) isNew[position] = true;
    for (const duplicate of await this.insertMeasured(unique)) isNew[positions[duplicate] as number] = false;
    return isNew;
  }

  private async insertMeasured(events: readonly EventLog[]): Promise<readonly number[]> {
    const stopTimer = flushDurationSeconds.startTimer();
    flushRows.observe(events.length);
    try {
      const duplicates = await this.insert(events);
      stopTimer();
      this.prisma.lastFlushFailed = false;
      return duplicates;
    } catch (error) {
      flushFailuresTotal.inc();
      this.prisma.lastFlushFailed ||= error instanceof ApplicationException;
      throw error;
    }
  }

  /** @returns positions, from 0, of the events that were stored before */
  private async insert(events: readonly EventLog[]): Promise<readonly number[]> {
    const corrected = events.filter((event) => event.isTimeCorrected);
    if (corrected.length > 0) await claimCorrectedTimes(this.prisma, corrected);
    const { duplicates, claimed } = await this.execute(events);
    if (claimed.length === 0) return duplicates;
    const moved = claimed.map(({ position, eventTime, clientTime }) =>
      (events[position] as EventLog).withTimes({ eventTime, clientTime }),
    );
    const again = await this.execute(moved);
    if (again.claimed.length > 0) throw new Error('A claim of an event id has changed during a flush');
    return [...duplicates, ...again.duplicates.map((index) => claimed[index]?.position as number)];
  }

  private async execute(events: readonly EventLog[]): Promise<FlushResult> {
    const statement = prepareFlushStatement(this.prisma, events);
    for (let attempt = 1; ; attempt++) {
      await this.partitions.ensureFor(events);
      try {
        const result = await statement.execute(this.marks.select(statement.sessionDays));
        this.marks.remember(result.markedDays);
        return result;
      } catch (error) {
        const state = sqlStateOf(error) ?? sqlStateOf((error as Error).cause) ?? '';
        if (attempt >= (MAX_ATTEMPTS[state] ?? 1)) throw error;
        if (state === NO_PARTITION) this.partitions.reset();
      }
    }
  }
}

/** Returns where each event id occurs first, in order: a repeat within one flush is a duplicate. */
function positionsOfFirstOccurrences(events: readonly EventLog[]): number[] {
  const firsts = new Map<string, number>();
  events.forEach(({ eventId }, position) => {
    if (!firsts.has(eventId.value)) firsts.set(eventId.value, position);
  });
  return [...firsts.values()];
}
