import type {
  BitsComparison,
  IActiveBitsRepository,
} from '../../../../src/domain/repositories/active-bits.repository.interface.js';
import type { PendingMarks } from '../../../../src/domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';
import type { InMemoryDailyActives } from '../daily-actives-repository/fake.js';

/** Counts the active set itself, and keeps what was built. */
export class InMemoryActiveBits implements IActiveBitsRepository {
  readonly built: { readonly day: DateKey; readonly now: Date }[] = [];
  readonly comparisons = new Map<DateKey, BitsComparison>();
  /** Days that have figures and no bits. */
  unbuilt: readonly DateKey[] = [];

  constructor(private readonly actives: InMemoryDailyActives) {}

  async build(day: DateKey, now: Date): Promise<ActiveCount & { readonly marks: PendingMarks }> {
    this.built.push({ day, now });
    return this.actives.count(day);
  }

  async compareWithLog(day: DateKey): Promise<BitsComparison | null> {
    return this.comparisons.get(day) ?? null;
  }

  async findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]> {
    return this.unbuilt.filter((day) => day < today).slice(0, limit);
  }
}
