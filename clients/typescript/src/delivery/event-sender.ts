import type { Report } from '../client-report.js';
import type { ClientSettings } from '../client-settings.js';
import type { Platform } from '../ports/platform.js';
import { clockChangeMs } from '../queue/clock-change.js';
import type { EventQueue } from '../queue/event-queue.js';
import { moveTime, toSeconds } from '../queue/event-text.js';
import type { QueuedEvent } from '../queue/queued-event.js';
import { judgeAnswer, type Answer, type RejectedEvent } from './answer.js';
import { Backoff } from './backoff.js';
import type { HttpPoster } from './http-poster.js';
import { chooseDoor, planBatch, type Batch } from './plan-batch.js';
import type { TokenHolder } from './token-holder.js';

const EVENTS_PATH = '/analytics/events';

export interface SenderParts {
  readonly queue: EventQueue;
  readonly poster: HttpPoster;
  readonly platform: Platform;
  readonly settings: ClientSettings;
  readonly report: Report;
  /** Returns the tokens of the current user, null when nobody is logged in. */
  readonly tokens: () => TokenHolder | null;
}

/** Sends the queue, one request at a time, until every event is confirmed or refused for good. */
export class EventSender {
  private readonly backoff: Backoff;
  private sending = false;
  private closed = false;
  private cancelTimer: () => void = () => undefined;
  /** Events up to this one are due, however young they are. */
  private flushUpTo = 0;
  private outlivesPage = false;
  private readonly flushes: (() => void)[] = [];
  /** Parts of a batch that was refused as a whole; they are sent one by one, before anything else. */
  private parts: QueuedEvent[][] = [];
  /** Shrinks while answers stay away, so that a slow link gets a batch through. */
  private batchEvents: number;

  constructor(private readonly our: SenderParts) {
    const { clock, random } = our.platform;
    this.backoff = new Backoff(our.settings, clock, random);
    this.batchEvents = our.settings.maxBatchEvents;
  }

  /** Sends what is due, or waits for it. Call it after every change of the queue or of the user. */
  schedule(): void {
    if (this.sending) return;
    this.cancelTimer();
    const delayMs = this.closed ? null : this.delayMs();
    if (delayMs === 0) {
      this.sending = true;
      void this.sendBatch().finally(() => {
        this.sending = false;
        this.schedule();
      });
      return;
    }
    for (const resolve of this.flushes.splice(0)) resolve();
    if (delayMs !== null) this.cancelTimer = this.our.platform.startTimer(() => this.schedule(), delayMs);
  }

  /** Makes all events due. Resolves when they are confirmed, or when an attempt failed. */
  async flush(options: { readonly outlivesPage: boolean }): Promise<void> {
    this.flushUpTo = this.our.queue.lastSequence;
    this.outlivesPage = options.outlivesPage;
    // The app may not get another chance; a `Retry-After` still holds.
    if (options.outlivesPage) this.backoff.skip();
    const done = new Promise<void>((resolve) => this.flushes.push(resolve));
    this.schedule();
    return done;
  }

  /** Ends the wait after failures, because the network or the user is back. */
  retryNow(): void {
    this.backoff.skip();
    this.outlivesPage = false;
    this.schedule();
  }

  close(): void {
    this.closed = true;
    this.schedule();
  }

  /** @returns null when no event may be sent */
  private delayMs(): number | null {
    const userId = this.our.tokens()?.user.userId ?? null;
    const { queue, settings, platform } = this.our;
    const first = firstWhere(queue.values(), (event) => chooseDoor(event, userId, settings) !== 'wait');
    if (first === undefined) return null;
    const waitMs = this.backoff.remainingMs();
    if (waitMs > 0) return waitMs;
    const isDue = first.sequence <= this.flushUpTo || queue.size >= settings.sendAtEvents;
    if (isDue || this.parts.length > 0) return 0;
    return Math.max(0, first.queuedAtMs + settings.sendAfterMs - platform.clock.monotonicMs());
  }

  private planNext(userId: string | null): Batch | null {
    const { queue, settings } = this.our;
    const limits = { ...settings, maxBatchEvents: this.batchEvents };
    while (this.parts[0] !== undefined) {
      const batch = planBatch(
        this.parts[0].filter((event) => queue.has(event)),
        userId,
        limits,
      );
      if (batch !== null) return batch;
      this.parts.shift();
    }
    return planBatch(queue.values(), userId, limits);
  }

  private async sendBatch(): Promise<void> {
    const tokens = this.our.tokens();
    const batch = this.planNext(tokens?.user.userId ?? null);
    if (batch === null) return;
    await this.fixTimes(batch.events);
    if (!batch.withToken || tokens === null) {
      await this.settle(batch, await this.post(batch, null));
      return;
    }
    let token: string | null;
    try {
      token = await tokens.get();
    } catch {
      this.fail(batch, null);
      return;
    }
    // A token that arrives after a change of account may belong to the other user.
    if (this.our.tokens() !== tokens) return;
    if (token === null && this.our.settings.eventsOfOtherUsers === 'keep') {
      this.fail(batch, null);
      return;
    }
    let answer = await this.post(batch, token);
    if (answer.status === 401 && token !== null) {
      const replacement = await tokens.replace(token).catch(() => null);
      if (this.our.tokens() !== tokens) return;
      if (replacement !== null) answer = await this.post(batch, replacement);
    }
    await this.settle(batch, answer);
  }

  private async post({ events }: Batch, token: string | null): Promise<Answer> {
    const { poster, platform } = this.our;
    // The clock at the moment of sending: the service corrects the events by it.
    const sentAt = toSeconds(platform.clock.wallMs());
    const body = `{"sentAt":${sentAt},"events":[${events.map(({ text }) => text).join(',')}]}`;
    return poster.post(EVENTS_PATH, body, token, this.outlivesPage);
  }

  /** Corrects events from before a change of the clock, and lets no later attempt change them. */
  private async fixTimes(events: readonly QueuedEvent[]): Promise<void> {
    const { queue, platform } = this.our;
    for (const event of events) {
      if (event.stamp === null) continue;
      const changeMs = clockChangeMs(event.stamp, platform.clock);
      event.stamp = null;
      if (changeMs !== 0) await queue.rewrite(event, moveTime(event.text, changeMs));
    }
  }

  private async settle(batch: Batch, answer: Answer): Promise<void> {
    const { events } = batch;
    const verdict = judgeAnswer(answer, events.length);
    switch (verdict.kind) {
      case 'confirmed':
        this.succeed();
        await this.confirm(batch, verdict.rejected);
        return;
      case 'divisible':
        if (events.length > 1) {
          this.divide(events);
          return;
        }
        await this.drop(events, verdict.code, answer.message);
        return;
      case 'refused':
        await this.drop(events, verdict.code, answer.message);
        return;
      case 'unauthenticated':
      case 'unconfirmed':
        this.fail(batch, answer);
    }
  }

  private succeed(): void {
    this.backoff.succeed();
    this.batchEvents = Math.min(this.our.settings.maxBatchEvents, this.batchEvents * 2);
  }

  private fail({ events }: Batch, answer: Answer | null): void {
    if (answer?.status === 0) this.batchEvents = Math.max(1, Math.ceil(events.length / 2));
    const waitMs = this.backoff.fail(answer?.retryAfterMs ?? null);
    const { status = 0, code = null } = answer ?? {};
    this.our.report({ kind: 'attempt_failed', status, code, waitMs });
  }

  private async confirm({ events, withToken }: Batch, rejected: readonly RejectedEvent[]): Promise<void> {
    const codes = new Map(rejected.map((each) => [each.index, each]));
    const done = events.filter((event, index) => {
      const rejection = codes.get(index);
      if (rejection === undefined) return true;
      // The token belongs to another user than the app believes: the event is sent without it.
      if (rejection.code === 'user_id_mismatch' && withToken) {
        event.withoutToken = true;
        return false;
      }
      this.reportRejected(event, rejection.code, rejection.message);
      return true;
    });
    await this.our.queue.remove(done);
  }

  /** Sends the halves alone, so that one bad event is found and its neighbours are stored. */
  private divide(events: readonly QueuedEvent[]): void {
    const middle = Math.ceil(events.length / 2);
    const [first, ...others] = this.parts;
    const rest = first?.filter((event) => !events.includes(event)) ?? [];
    const halves = [events.slice(0, middle), events.slice(middle)];
    this.parts = [...halves, ...(rest.length > 0 ? [rest] : []), ...others];
  }

  private async drop(events: readonly QueuedEvent[], code: string, message: string): Promise<void> {
    this.backoff.succeed();
    for (const event of events) this.reportRejected(event, code, message);
    await this.our.queue.remove(events);
  }

  private reportRejected({ eventId }: QueuedEvent, code: string, message: string): void {
    this.our.report({ kind: 'event_rejected', eventId, code, message });
  }
}

function firstWhere<T>(values: Iterable<T>, holds: (value: T) => boolean): T | undefined {
  for (const value of values) if (holds(value)) return value;
  return undefined;
}
