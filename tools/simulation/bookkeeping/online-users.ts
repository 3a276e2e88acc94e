import type { Delivery } from '../delivery/delivery.js';
import type { Range } from './range.js';

/** The time by which a heartbeat without a response may be handled after the client gave up. */
const LATE_HANDLING_MS = 5_000;
/** The blur of the window's edge, because the service stores heartbeats in whole seconds. */
const WINDOW_SLACK_MS = 1_500;

/** Counts the run's online users from delivered heartbeats, independently of the service. */
export class OnlineUsers {
  private readonly lastSeen = new Map<string, { readonly certainMs: number; readonly possibleMs: number }>();

  add(userId: string, delivery: Delivery): void {
    if (!delivery.answered && !delivery.mayHaveArrived) return;
    const seen = this.lastSeen.get(userId) ?? { certainMs: -Infinity, possibleMs: -Infinity };
    const possibleMs = delivery.lastEndedMs + (delivery.answered ? 0 : LATE_HANDLING_MS);
    this.lastSeen.set(userId, {
      certainMs: Math.max(seen.certainMs, delivery.answered ? delivery.answeredSentMs : -Infinity),
      possibleMs: Math.max(seen.possibleMs, possibleMs),
    });
  }

  /** Returns the users in a window of `windowMs`, for a query sent and answered at these monotonic times. */
  expected(sentMs: number, answeredMs: number, windowMs: number): Range {
    let low = 0;
    let high = 0;
    for (const { certainMs, possibleMs } of this.lastSeen.values()) {
      if (certainMs > answeredMs - windowMs + WINDOW_SLACK_MS) low += 1;
      if (possibleMs > sentMs - windowMs - WINDOW_SLACK_MS) high += 1;
    }
    return { low, high };
  }
}
