import type { Stage } from '../stage/stage.js';

/** Ends a fault. */
export type Heal = () => Promise<void>;

/** The parts of the stage that faults hit. */
export type FaultTargets = Pick<Stage, 'postgres' | 'pooler' | 'redis' | 'kafka' | 'links' | 'replicas'>;

export interface FaultContext {
  readonly stage: FaultTargets;
  /** The replica that is hit; 0 for a fault of a shared store, which ignores it. */
  readonly replica: number;
  readonly durationMs: number;
}

/** Begins a fault and returns what ends it. */
export type FaultAction = (context: FaultContext) => Promise<Heal>;

export const NOTHING_TO_HEAL: Heal = async () => undefined;

/** Repeats an action until the returned function is called; a failed turn is part of the fault. */
export function repeat(everyMs: number, action: () => Promise<unknown>): Heal {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= action()
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
