import type {
  DayPartition,
  DropOutcome,
  IEventRetention,
  RetainedData,
} from '../../../../src/application/ports/event-retention.port.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';

/** Keeps partitions by kind of data; {@link outcomes} are the answers to the next drops, then each succeeds. */
export class InMemoryEventRetention implements IEventRetention {
  readonly outcomes: DropOutcome[] = [];
  readonly dropped: string[] = [];
  private readonly partitions: (DayPartition & { readonly data: RetainedData })[] = [];

  add(data: RetainedData, partition: Partial<DayPartition> & { readonly day: DateKey }): this {
    this.partitions.push({ data, bytes: 1_000, figures: null, isMarked: false, ...partition });
    return this;
  }

  async listDays(data: RetainedData, before: DateKey): Promise<DayPartition[]> {
    return this.partitions
      .filter((each) => each.data === data && each.day < before)
      .sort((a, b) => (a.day < b.day ? -1 : 1));
  }

  async countRows(): Promise<number> {
    return 7;
  }

  async drop(data: RetainedData, day: DateKey, figuresVersion: number | null): Promise<DropOutcome> {
    const outcome = this.outcomes.shift() ?? 'dropped';
    if (outcome === 'dropped') this.dropped.push(`${data} of ${day}, version ${figuresVersion}`);
    return outcome;
  }
}
