import type { Clock } from '../ports/clock.js';

export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** Ignores what a clock that is kept in step by a network gains or loses. */
const TOLERANCE_MS = 2_000;

export function readClocks(clock: Clock): ClockReading {
  return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
}

/** Returns by how much the wall clock was set between a reading and this moment. */
export function clockChangeMs(before: ClockReading, clock: Clock): number {
  const now = readClocks(clock);
  const changeMs = now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs);
  if (Math.abs(changeMs) <= TOLERANCE_MS) return 0;
  return changeMs > 0 && !clock.monotonicCountsSleep ? 0 : changeMs;
}
