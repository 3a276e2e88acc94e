import { beforeEach, describe, expect, it } from '@jest/globals';

import { deferred } from '../../support/deferred.js';
import { RecoveryWatch } from '../../support/recovery.js';

let nowMs: number;
let lateMs: number;

beforeEach(() => {
  [nowMs, lateMs] = [5_000, 0];
});

/** Starts a watch over a promised second, of which at most half a second more is forgiven. */
async function watchOver(plain: Promise<unknown> = Promise.resolve()): Promise<RecoveryWatch> {
  const watch = new RecoveryWatch(() => plain, {
    promisedMs: 1_000,
    maxForgivenMs: 500,
    nowMs: () => nowMs,
    lateness: { lateMs: () => lateMs, stop: () => undefined },
  });
  // A plain client that is served at once is noted before time goes on.
  await Promise.resolve();
  return watch;
}

describe('the watch over a recovery', () => {
  it('keeps the promise of one that was fast enough', async () => {
    const watch = await watchOver();
    nowMs += 1_000;
    expect(await watch.end()).toBe(0);
  });

  it('says by how many milliseconds a later one breaks the promise', async () => {
    const watch = await watchOver();
    nowMs += 1_001;
    expect(await watch.end()).toBe(1);
  });

  it('counts from the moment at which a plain client is served', async () => {
    const plain = deferred<undefined>();
    const watch = await watchOver(plain.promise);
    nowMs += 400;
    plain.resolve(undefined);
    await plain.promise;
    nowMs += 1_000;
    expect(await watch.end()).toBe(0);
  });

  it('forgives the lateness of an idle thread', async () => {
    const watch = await watchOver();
    nowMs += 1_300;
    lateMs = 200;
    expect(await watch.end()).toBe(100);
  });

  it('forgives a bounded time, however busy the machine is', async () => {
    const watch = await watchOver();
    nowMs += 2_000;
    lateMs = 60_000;
    expect(await watch.end()).toBe(500);
  });

  it('ends with the first of its ends', async () => {
    const watch = await watchOver();
    nowMs += 900;
    watch.stop();
    nowMs += 60_000;
    expect(await watch.end()).toBe(0);
  });

  it('fails when the plain client is not served', async () => {
    const watch = await watchOver(Promise.reject(new Error('refused')));
    await expect(watch.end()).rejects.toThrow('refused');
  });
});
