import type { IRealtimeDauRepository } from '../../../../src/domain/repositories/realtime-dau.repository.interface.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';

/** Counts exactly where the adapters estimate. */
export class InMemoryRealtimeDau implements IRealtimeDauRepository {
  /** Fails every call while it is set. */
  failure: Error | null = null;
  connection = 1;
  readonly days = new Map<DateKey, Set<string>>();

  async add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    const known = this.days.get(day) ?? new Set<string>();
    this.days.set(day, known);
    for (const identity of identities) known.add(identity);
  }

  async count(day: DateKey): Promise<number> {
    if (this.failure !== null) throw this.failure;
    return this.days.get(day)?.size ?? 0;
  }
}
