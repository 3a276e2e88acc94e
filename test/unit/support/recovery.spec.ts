import { describe, expect, it } from '@jest/globals';

import { RecoveryWatch } from '../../support/recovery.js';
import { sleep } from '../../support/processes.js';

/** Takes the event loop for so long, as a fault of the code under test would. */
function block(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

describe('the watch over a recovery', () => {
  it('keeps the promise of one that was fast enough', async () => {
    const watch = new RecoveryWatch();
    expect(await watch.end()).toBe(0);
  });

  it('forgives no busy event loop, which is that of the code under test', async () => {
    const watch = new RecoveryWatch(undefined, { promisedMs: 100, maxForgivenMs: 100 });
    block(400);
    expect(await watch.end()).toBeGreaterThan(0);
  });

  it('counts from the moment at which a plain client is served', async () => {
    const watch = new RecoveryWatch(() => sleep(300), { promisedMs: 200, maxForgivenMs: 60_000 });
    await sleep(350);
    expect(await watch.end()).toBe(0);
  });

  it('forgives a bounded time, however busy the machine is', async () => {
    const watch = new RecoveryWatch(() => sleep(300), { promisedMs: 100, maxForgivenMs: 100 });
    await sleep(350);
    expect(await watch.end()).toBeGreaterThan(0);
  });

  it('fails when the plain client is not served', async () => {
    const watch = new RecoveryWatch(() => Promise.reject(new Error('refused')));
    await expect(watch.end()).rejects.toThrow('refused');
  });
});
