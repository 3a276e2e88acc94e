import { beforeEach, describe, expect, it } from '@jest/globals';

import { SharedCounts, STORE_RETRY_MS } from '../../../../src/api/http/shared-counts.js';
import type { RateLimitStore, WindowCount } from '../../../../src/application/ports/rate-limit-store.port.js';
import { SHARED_COUNT_TIMEOUT_MS } from '../../../../src/shared/rules/request-budget.rule.js';
import { ManualTimers } from '../../../support/manual-timers.js';

const COUNT: WindowCount = { count: 7, endsInMs: 1_000 };

/** A store that counts, fails, or hangs. */
class StoreStub implements RateLimitStore {
  mode: 'counts' | 'fails' | 'hangs' = 'counts';
  readonly keys: string[] = [];

  increment(key: string): Promise<WindowCount> {
    this.keys.push(key);
    if (this.mode === 'hangs') return new Promise(() => undefined);
    return this.mode === 'fails' ? Promise.reject(new Error('unavailable')) : Promise.resolve(COUNT);
  }
}

let timers: ManualTimers;
let store: StoreStub;
let counts: SharedCounts;

beforeEach(() => {
  timers = new ManualTimers();
  store = new StoreStub();
  counts = new SharedCounts(store, timers.now, timers.start);
});

const increment = (key = 'a'): Promise<WindowCount | null> => counts.increment(key, 60_000);

describe('SharedCounts', () => {
  it('answers with the count of the store, and leaves no timer', async () => {
    expect(await increment()).toEqual(COUNT);
    expect(timers.running).toBe(0);
  });

  it('lets the replica count when the store fails, and asks it no more for a while', async () => {
    store.mode = 'fails';
    expect(await increment('a')).toBeNull();
    store.mode = 'counts';
    expect(await increment('b')).toBeNull();
    await timers.advance(STORE_RETRY_MS - 1);
    expect(await increment('c')).toBeNull();
    expect(store.keys).toEqual(['a']);
  });

  it('waits for a store that hangs for its share of a request, and only once for all limits', async () => {
    store.mode = 'hangs';
    const first = increment('address');
    await timers.advance(SHARED_COUNT_TIMEOUT_MS);
    expect(await first).toBeNull();
    expect(await increment('install')).toBeNull();
    expect(await increment('address')).toBeNull();
    expect(store.keys).toEqual(['address']);
  });

  it('tries the store again with one request at a time, which does not wait for it', async () => {
    store.mode = 'hangs';
    const first = increment('first');
    await timers.advance(SHARED_COUNT_TIMEOUT_MS);
    await first;
    await timers.advance(STORE_RETRY_MS);
    expect(await increment('try')).toBeNull();
    expect(await increment('other')).toBeNull();
    expect(store.keys).toEqual(['first', 'try']);
    await timers.advance(SHARED_COUNT_TIMEOUT_MS);
    expect(await increment('later')).toBeNull();
    expect(store.keys).toEqual(['first', 'try']);
  });

  it('shares counts again once a try succeeded', async () => {
    store.mode = 'fails';
    await increment();
    store.mode = 'counts';
    await timers.advance(STORE_RETRY_MS);
    expect(await increment()).toBeNull();
    await timers.advance(0);
    expect(await increment()).toEqual(COUNT);
  });
});
