import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import type { PlaceLevel } from '../../../shared/rules/active-interval.rule.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';
import { IdSet } from './id-set.js';

/** The ids of one bucket in each place. The sets of a bucket serve the next one, which has about as many ids. */
export class PlaceSets {
  private readonly sets = new Map<string, IdSet>();
  private bytes = 0;

  constructor(
    private readonly level: PlaceLevel,
    private readonly maxBytes: number,
  ) {}

  /** @throws ApplicationException `request_invalid` when the sets outgrow the memory of a request */
  add(place: string, list: Buffer): void {
    let set = this.sets.get(place);
    if (set === undefined) {
      this.sets.set(place, (set = new IdSet()));
      this.bytes += set.bytes;
    }
    const before = set.bytes;
    set.addList(list);
    this.bytes += set.bytes - before;
    if (this.bytes > this.maxBytes) throw this.tooMany();
  }

  /** Returns the counts of the bucket and empties the sets; rests after each one, because they may fill the memory. */
  async take(rest: () => Promise<void>): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const [place, set] of this.sets) {
      const count = set.count();
      if (count > 0) counts.set(place, count);
      set.clear();
      await rest();
    }
    return counts;
  }

  private tooMany(): ApplicationException {
    const { level } = this;
    const nextStep = `ask for one at a time, as ${level}=NAME${level === 'city' ? ', or for the provinces' : ''}`;
    const message = fieldMessage(
      'breakdown',
      'fit into memory with so many users and places',
      level,
      nextStep,
    );
    return new ApplicationException('request_invalid', {
      detail: message,
      errors: [{ field: 'breakdown', message }],
    });
  }
}
