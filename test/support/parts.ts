interface Part {
  readonly stop: () => unknown;
}

/** Parts of a test file or of something bigger. All of them are stopped, the last started first. */
export class Parts {
  private readonly started: Part[] = [];
  private readonly starting = new Set<Promise<unknown>>();

  /** Waits for a start and keeps its result for {@link stop}. */
  async add<T>(start: Promise<T>, stop: (part: T) => unknown): Promise<T> {
    const kept = start.then((part) => {
      this.started.push({ stop: () => stop(part) });
      return part;
    });
    this.starting.add(kept);
    try {
      return await kept;
    } finally {
      this.starting.delete(kept);
    }
  }

  /** Stops all parts, also those whose start is still in progress. @throws the first failure, after the last stop */
  async stop(): Promise<void> {
    await Promise.allSettled(this.starting);
    const failures: unknown[] = [];
    for (const part of this.started.splice(0).reverse()) {
      try {
        await part.stop();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Builds something of several parts, and stops those that have started when another one fails. */
export async function assemble<T>(build: (parts: Parts) => Promise<T>): Promise<T> {
  const parts = new Parts();
  try {
    return await build(parts);
  } catch (error) {
    await parts.stop().catch(() => undefined);
    throw error;
  }
}
