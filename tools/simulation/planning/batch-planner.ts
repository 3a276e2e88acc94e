import {
  SESSION_END,
  SESSION_START,
  type Credentials,
  type Defect,
  type PlanContext,
  type PlannedBatch,
  type PlannedEvent,
  type QueuedEvent,
  type Trait,
} from './device-plan.js';
import { contains, type Interval } from './interval.js';
import type { Random } from './random.js';
import { planLosses } from './response-loss.js';
import type { SessionPlanner } from './session-planner.js';

const LINGER_MS = 10_000;
const BATCH_SIZE = 20;
const OFFLINE_BATCH_SIZE = 200;
const BAD_EVENT_PROBABILITY = 0.015;
const DEFECTS: readonly Defect[] = [
  'no install id',
  'short install id',
  'spaces in the name',
  'timestamp in words',
  'user id in letters',
];

interface Style {
  readonly credentials: Credentials;
  readonly includesSentAt: boolean;
  readonly gzip: boolean;
}

/**
 * Groups the events of one device into batches as an SDK does. A full batch, a batch whose first event has waited
 * for the linger, and a batch at the end of a session are due at once; while offline, on return.
 */
export class BatchPlanner {
  constructor(
    private readonly context: PlanContext,
    private readonly random: Random,
    private readonly traits: Set<Trait>,
    private readonly sessions: SessionPlanner,
  ) {}

  plan(
    backlog: readonly QueuedEvent[],
    live: readonly QueuedEvent[],
    offline: Interval | undefined,
  ): PlannedBatch[] {
    const style = this.chooseStyle();
    const lingerMs = LINGER_MS / this.context.speed;
    const nextOnlineMs = (ms: number): number =>
      offline !== undefined && contains(offline, ms) ? offline.endMs : ms;
    const batches: PlannedBatch[] = [];
    let buffer: QueuedEvent[] = [...backlog];
    let flushMs = live[0] === undefined || backlog.length === 0 ? Infinity : nextOnlineMs(live[0].event.atMs);
    const flush = (): void => {
      for (const chunk of splitByUser(buffer)) batches.push(this.planBatch(chunk, flushMs, style));
      buffer = [];
      flushMs = Infinity;
    };
    for (const queued of live) {
      const { atMs, name } = queued.event;
      if (flushMs <= atMs) flush();
      buffer.push(queued);
      flushMs = Math.min(flushMs, nextOnlineMs(atMs + lingerMs));
      if (name === SESSION_END || buffer.length >= BATCH_SIZE)
        flushMs = Math.min(flushMs, nextOnlineMs(atMs));
      if (flushMs <= atMs) flush();
    }
    if (buffer.length > 0) flush();
    return batches;
  }

  private chooseStyle(): Style {
    const credentials = this.random.pick(['token', 'token', 'token and id', 'id'] as const);
    const gzip = this.random.chance(0.25);
    if (gzip) this.traits.add('compresses its batches');
    // A device with a wrong clock always sends `sentAt`; the service cannot detect the error otherwise.
    const includesSentAt = this.random.chance(0.8) || this.traits.has('clock wrong by hours');
    return { credentials, gzip, includesSentAt };
  }

  private planBatch(chunk: readonly QueuedEvent[], dueMs: number, style: Style): PlannedBatch {
    const events = chunk.map(({ event }) => event);
    if (this.random.chance(BAD_EVENT_PROBABILITY))
      events.splice(this.random.integer(0, events.length), 0, this.planBadEvent(events));
    const batch = { ...style, dueMs, events, losses: planLosses(this.random, this.context.loss) };
    const userId = chunk[0]?.userId;
    return userId === undefined ? { ...batch, credentials: 'none' } : { ...batch, userId };
  }

  private planBadEvent(neighbours: readonly PlannedEvent[]): PlannedEvent {
    const { atMs, place } = this.random.pick(neighbours);
    const { eventId, ...withoutId } = this.sessions.planEvent(atMs, SESSION_START, place);
    const defect = this.random.pick(DEFECTS);
    return this.random.chance(0.5) || eventId === undefined
      ? { ...withoutId, defect }
      : { ...withoutId, eventId, defect };
  }
}

/** Splits a queue into runs of one user, each of at most {@link OFFLINE_BATCH_SIZE} events. */
function splitByUser(queue: readonly QueuedEvent[]): QueuedEvent[][] {
  const chunks: QueuedEvent[][] = [];
  for (const queued of queue) {
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length >= OFFLINE_BATCH_SIZE || chunk[0]?.userId !== queued.userId) {
      chunks.push([queued]);
    } else chunk.push(queued);
  }
  return chunks;
}
