export interface SilenceLimits {
  /** Time between two looks at all workers. */
  readonly turnMs: number;
  /** Looks in a row at which a worker had said nothing since the one before. */
  readonly turns: number;
}

/** A minute: no garbage collection and no query blocks a worker for so long. */
export const SILENCE_LIMITS: SilenceLimits = { turnMs: 5_000, turns: 12 };

/**
 * Finds workers that have said nothing for too long, because their event loop is blocked or their process is frozen.
 * Counts turns of its own timer instead of time: a machine that slept, or a busy one, delays both sides.
 */
export class WorkerWatch<Key> {
  private readonly silentTurns = new Map<Key, number>();
  private readonly timer: NodeJS.Timeout;

  /** @param onSilent runs once for each worker that is too long silent */
  constructor(
    private readonly onSilent: (worker: Key) => void,
    private readonly limits: SilenceLimits,
  ) {
    this.timer = setInterval(() => this.look(), limits.turnMs);
    this.timer.unref();
  }

  /** Notes a sign of life. The first one of a worker begins its watch. */
  hear(worker: Key): void {
    this.silentTurns.set(worker, 0);
  }

  forget(worker: Key): void {
    this.silentTurns.delete(worker);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const [worker, turns] of this.silentTurns) {
      this.silentTurns.set(worker, turns + 1);
      if (turns + 1 < this.limits.turns) continue;
      this.forget(worker);
      this.onSilent(worker);
    }
  }
}
