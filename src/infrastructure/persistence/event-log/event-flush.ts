import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import {
  DAY_CLOSED,
  type InsertOutcome,
} from '../../../domain/repositories/event-log.repository.interface.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushDurationSeconds, flushFailuresTotal, flushRows } from '../../../shared/metrics/metrics.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import type { DayMarks } from './day-marks.js';
import { copyTrace } from './event-traces.js';
import type { EventLogPartitions } from './event-log-partitions.js';
import type { FlushResult, FlushStatement, FlushStore } from './flush-store.js';

/** PostgreSQL reports a row without a partition as a violated check. */
const NO_PARTITION = '23514';
const DEADLOCK = '40P01';
/** The statement refuses to store an event that was claimed meanwhile; the next attempt sees the claim. */
const LATE_CLAIM = '40001';
const MAX_ATTEMPTS: Readonly<Record<string, number>> = { [NO_PARTITION]: 3, [DEADLOCK]: 3, [LATE_CLAIM]: 10 };

/** The positions, from 0, of events that were not stored as new. */
interface NotStored {
  readonly duplicates: readonly number[];
  readonly closed: readonly number[];
}

/** The part of a flush whose days are open. */
interface OpenFlush {
  /** Null when all days are closed. */
  readonly statement: FlushStatement | null;
  /** Positions of the open events among all; null when all are open. */
  readonly positions: readonly number[] | null;
  readonly closed: readonly number[];
}

const NOTHING_STORED: FlushResult = { duplicates: [], claimed: [], markedDays: [] };

/** Stores one flush of events: removes repeats, claims, creates partitions, runs the statement, retries, measures. */
export class EventFlush {
  constructor(
    private readonly prisma: PrismaService,
    private readonly flushStore: FlushStore,
    private readonly partitions: EventLogPartitions,
    private readonly marks: DayMarks,
  ) {}

  /** @returns for each event, in order, whether it was new, or that its day is closed */
  async store(events: readonly EventLog[]): Promise<InsertOutcome[]> {
    if (!hasRepeats(events)) return this.storeUnique(events);
    const positions = positionsOfFirstOccurrences(events);
    const stored = await this.storeUnique(positions.map((position) => events[position] as EventLog));
    const outcomes = new Array<InsertOutcome>(events.length).fill(false);
    stored.forEach((outcome, index) => (outcomes[positions[index] as number] = outcome));
    return outcomes;
  }

  private async storeUnique(events: readonly EventLog[]): Promise<InsertOutcome[]> {
    const { duplicates, closed } = await this.insertMeasured(events);
    const outcomes = new Array<InsertOutcome>(events.length).fill(true);
    for (const duplicate of duplicates) outcomes[duplicate] = false;
    for (const refused of closed) outcomes[refused] = DAY_CLOSED;
    return outcomes;
  }

  private async insertMeasured(events: readonly EventLog[]): Promise<NotStored> {
    const stopTimer = flushDurationSeconds.startTimer();
    flushRows.observe(events.length);
    try {
      const notStored = await this.insert(events);
      stopTimer();
      this.prisma.lastFlushFailed = false;
      return notStored;
    } catch (error) {
      flushFailuresTotal.inc();
      this.prisma.lastFlushFailed ||= error instanceof ApplicationException;
      throw error;
    }
  }

  private async insert(events: readonly EventLog[]): Promise<NotStored> {
    const corrected = events.filter((event) => event.isTimeCorrected);
    if (corrected.length > 0) await this.flushStore.claim(corrected);
    const { duplicates, claimed, closed } = await this.execute(events);
    if (claimed.length === 0) return { duplicates, closed };
    const moved = claimed.map(({ position, eventTime, clientTime }) => {
      const event = events[position] as EventLog;
      return copyTrace(event, event.withTimes({ eventTime, clientTime }));
    });
    const again = await this.execute(moved);
    if (again.claimed.length > 0) throw new Error('A claim of an event id has changed during a flush');
    const positionOf = (index: number): number => claimed[index]?.position as number;
    return {
      duplicates: [...duplicates, ...again.duplicates.map(positionOf)],
      closed: [...closed, ...again.closed.map(positionOf)],
    };
  }

  private async execute(events: readonly EventLog[]): Promise<FlushResult & NotStored> {
    let flush: OpenFlush | null = null;
    for (let attempt = 1; ; attempt++) {
      await this.partitions.ensureFor(events);
      flush ??= this.prepare(events);
      try {
        return await this.executeOpen(flush);
      } catch (error) {
        const state = sqlStateOf(error) ?? sqlStateOf((error as Error).cause) ?? '';
        if (attempt >= (MAX_ATTEMPTS[state] ?? 1)) throw error;
        if (state !== NO_PARTITION) continue;
        // Retention may have dropped the partition, and closed the day.
        this.partitions.reset();
        flush = null;
      }
    }
  }

  private prepare(events: readonly EventLog[]): OpenFlush {
    const closed = this.partitions.findClosed(events);
    if (closed.length === 0) {
      return { statement: this.flushStore.prepare(events), positions: null, closed };
    }
    const refused = new Set(closed);
    const positions = [...events.keys()].filter((position) => !refused.has(position));
    const open = positions.map((position) => events[position] as EventLog);
    const statement = open.length === 0 ? null : this.flushStore.prepare(open);
    return { statement, positions, closed };
  }

  private async executeOpen({ statement, positions, closed }: OpenFlush): Promise<FlushResult & NotStored> {
    if (statement === null) return { ...NOTHING_STORED, closed };
    const result = await statement.execute(this.marks.select(statement.sessionDays));
    this.marks.remember(result.markedDays);
    if (positions === null) return { ...result, closed };
    const positionOf = (index: number): number => positions[index] as number;
    return {
      ...result,
      duplicates: result.duplicates.map(positionOf),
      claimed: result.claimed.map((claim) => ({ ...claim, position: positionOf(claim.position) })),
      closed,
    };
  }
}

function hasRepeats(events: readonly EventLog[]): boolean {
  const ids = new Set<string>();
  for (const { eventId } of events) ids.add(eventId.value);
  return ids.size < events.length;
}

/** Returns where each event id occurs first, in order: a repeat within one flush is a duplicate. */
function positionsOfFirstOccurrences(events: readonly EventLog[]): number[] {
  const firsts = new Map<string, number>();
  events.forEach(({ eventId }, position) => {
    if (!firsts.has(eventId.value)) firsts.set(eventId.value, position);
  });
  return [...firsts.values()];
}
