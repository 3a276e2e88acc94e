import type { IClock } from '../../../application/ports/clock.port.js';
import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushDurationSeconds, flushFailuresTotal, flushRows } from '../../../shared/metrics/metrics.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { DayMarks } from './day-marks.js';
import type { EventLogPartitions } from './event-log-partitions.js';
import { prepareFlushStatement } from './flush-statement.js';

/** PostgreSQL reports a row without a partition as a violated check. */
const NO_PARTITION = '23514';
const DEADLOCK = '40P01';
const MAX_ATTEMPTS = 3;

/** Stores one flush of events: removes repeats, creates partitions, runs the statement, retries, measures. */
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
    const statement = prepareFlushStatement(this.prisma, events);
    for (let attempt = 1; ; attempt++) {
      await this.partitions.ensureFor(events);
      try {
        const { duplicates, markedDays } = await statement.execute(this.marks.select(statement.sessionDays));
        this.marks.remember(markedDays);
        return duplicates;
      } catch (error) {
        const state = sqlStateOf(error) ?? sqlStateOf((error as Error).cause);
        if (attempt >= MAX_ATTEMPTS || (state !== NO_PARTITION && state !== DEADLOCK)) throw error;
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
