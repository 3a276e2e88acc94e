import { describe, expect, it } from '@jest/globals';
import { pause } from '../../../../../tools/simulation/delivery/pause.js';

const ONE_HOUR_MS = 3_600_000;

describe('pause', () => {
  it('resolves as soon as its signal aborts', async () => {
    const halt = new AbortController();
    const waiting = pause(ONE_HOUR_MS, halt.signal);
    halt.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(pause(ONE_HOUR_MS, halt.signal)).resolves.toBeUndefined();
  });

  it('resolves at once for a time in the past', async () => {
    await expect(pause(-ONE_HOUR_MS)).resolves.toBeUndefined();
  });
});
