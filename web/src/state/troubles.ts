import { ValueStore, type Store } from './store.js';

/** `some` while a figure is missing or old; `over` once none is any more. */
export type Trouble = 'none' | 'some' | 'over';

/** Counts the figures in trouble, so that the page announces an outage once, not each card for itself. */
export class Troubles implements Store<Trouble> {
  private readonly state = new ValueStore<Trouble>('none');
  private count = 0;

  get(): Trouble {
    return this.state.get();
  }

  subscribe(listener: () => void): () => void {
    return this.state.subscribe(listener);
  }

  /** @returns a function that ends the trouble */
  begin(): () => void {
    let isOver = false;
    this.count += 1;
    this.state.set('some');
    return () => {
      if (isOver) return;
      isOver = true;
      this.count -= 1;
      if (this.count === 0) this.state.set('over');
    };
  }
}
