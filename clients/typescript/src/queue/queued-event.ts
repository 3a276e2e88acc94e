import type { ClockReading } from './clock-change.js';

export interface QueuedEvent {
  readonly key: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly eventName: string;
  readonly userId: string | null;
  /** JSON of the event, byte for byte as it is sent. */
  text: string;
  readonly sizeBytes: number;
  /** The clocks at the event; null once its time is fixed: after a restart and from the first attempt on. */
  stamp: ClockReading | null;
  /** Monotonic time of arrival in the queue; -Infinity for events of an earlier run, which are due at once. */
  readonly queuedAtMs: number;
  /** True when the service refused the event under the token of its user. */
  withoutToken: boolean;
}
