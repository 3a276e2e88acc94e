import { useEffect, useState } from 'preact/hooks';

/** A value that components follow. */
export interface Store<T> {
  get(): T;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

export class ValueStore<T> implements Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

/** Renders the component again whenever the store has another value. */
export function useStore<T>(store: Store<T>): T {
  const [, setValue] = useState(() => store.get());
  useEffect(() => {
    const follow = (): void => {
      setValue(() => store.get());
    };
    // The value may have changed between the first drawing and this subscription.
    follow();
    return store.subscribe(follow);
  }, [store]);
  return store.get();
}
