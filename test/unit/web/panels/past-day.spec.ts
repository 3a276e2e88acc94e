import { describe, expect, it } from '@jest/globals';
import { PolledResource } from '../../../../web/src/api/polled-resource.js';
import { periodOfPastDay } from '../../../../web/src/panels/past-day.js';
import { ManualTimers } from '../support/manual-timers.js';

describe('yesterday', () => {
  it('is asked for again a few minutes after midnight, when its last minute is stored, then every hour', async () => {
    const timers = new ManualTimers(Date.parse('2026-11-27T16:00:04Z'));
    const asked: string[] = [];
    const yesterday = new PolledResource(
      () => Promise.resolve(asked.push(new Date(timers.nowMs()).toISOString().slice(11, 19))),
      periodOfPastDay('2026-11-27'),
      timers,
    );
    yesterday.subscribe(() => undefined);
    await timers.pass(2 * 3_600_000);
    expect(asked).toEqual(['16:00:04', '16:05:00', '17:05:00']);
  });
});
