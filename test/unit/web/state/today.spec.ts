import { describe, expect, it } from '@jest/globals';
import { Today } from '../../../../web/src/state/today.js';
import { ManualTimers } from '../support/manual-timers.js';

const HOUR_MS = 3_600_000;

describe('Today', () => {
  it('tells its followers of midnight in Shanghai, and of nothing else', async () => {
    const timers = new ManualTimers(Date.parse('2026-11-27T13:00:00Z'));
    const today = new Today(timers);
    const told: string[] = [];
    const leave = today.subscribe(() => told.push(today.get()));
    await timers.pass(2 * HOUR_MS);
    expect(told).toEqual([]);
    await timers.pass(2 * HOUR_MS);
    expect(told).toEqual(['2026-11-28']);
    leave();
    expect(timers.waiting).toBe(0);
  });
});
