import type { IRealtimeDauRepository } from '../../domain/repositories/realtime-dau.repository.interface.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';
import { HyperLogLog } from './hyperloglog.js';

/** Redis keeps as many. */
const MAX_DAYS = 10;

/** Live DAU of one process, 16 KiB a day, rebuilt from the active set at start. */
export class InProcessRealtimeDauRepository implements IRealtimeDauRepository {
  readonly connection = 1;
  private readonly days = new Map<DateKey, HyperLogLog>();

  add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (identities.length === 0) return Promise.resolve();
    let sketch = this.days.get(day);
    if (sketch === undefined) {
      sketch = new HyperLogLog();
      this.days.set(day, sketch);
      const [oldest] = [...this.days.keys()].sort();
      if (this.days.size > MAX_DAYS && oldest !== undefined) this.days.delete(oldest);
    }
    for (const identity of identities) sketch.add(identity);
    return Promise.resolve();
  }

  count(day: DateKey): Promise<number> {
    return Promise.resolve(this.days.get(day)?.count() ?? 0);
  }
}
