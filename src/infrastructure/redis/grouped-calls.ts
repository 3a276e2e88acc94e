import { setImmediate } from 'node:timers/promises';

/**
 * One call at a time for all who want something of it: those who come while it is under way share the next, which begins
 * when it ends, and fails when it fails: what did not answer just now would let them wait once more. So nobody's answer
 * is older than their question, nobody waits for more than one call and their own, and the more there is to do the less
 * each one costs.
 */
export class GroupedCalls<Item, Result> {
  private next: { readonly items: Item[]; readonly result: Promise<Result> } | null = null;
  private running: Promise<unknown> = Promise.resolve();

  /** @param work bounded in time; never gets more items than there are requests under way */
  constructor(private readonly work: (items: readonly Item[]) => Promise<Result>) {}

  call(item: Item): Promise<Result> {
    if (this.next === null) {
      const items: Item[] = [];
      const result = this.begin(items, this.running);
      this.running = result;
      result.catch(() => {
        // Those who shared it hear of it, and those who waited; who comes from now on tries again.
        if (this.running === result) this.running = Promise.resolve();
      });
      this.next = { items, result };
    }
    this.next.items.push(item);
    return this.next.result;
  }

  private async begin(items: readonly Item[], before: Promise<unknown>): Promise<Result> {
    try {
      await before;
      // Requests that arrived together go together.
      await setImmediate();
    } finally {
      this.next = null;
    }
    return this.work(items);
  }
}
