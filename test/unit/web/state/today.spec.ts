import { describe, expect, it } from '@jest/globals';
import { Today } from '../../../../web/src/state/today.js';
import { ManualTimers } from '../support/manual-timers.js';

const HOUR_MS = 3_600_000;

/** A page that is open at 21:00 in Shanghai. */
function create() {
  const timers = new ManualTimers(Date.parse('2026-11-27T13:00:00Z'));
  const shown = new Set<() => void>();
  const today = new Today(timers, (call) => {
    shown.add(call);
    return () => shown.delete(call);
  });
  const told: string[] = [];
  const leave = today.subscribe(() => told.push(today.get()));
  return { timers, told, leave, shown };
}

describe('Today', () => {
  it('tells its followers of midnight in Shanghai, and of nothing else', async () => {
    const { timers, told, leave, shown } = create();
    await timers.pass(2 * HOUR_MS);
    expect(told).toEqual([]);
    await timers.pass(2 * HOUR_MS);
    expect(told).toEqual(['2026-11-28']);
    leave();
    expect([timers.waiting, shown.size]).toEqual([0, 0]);
  });

  it('tells them at once when the page is shown after a night without timers', () => {
    const { timers, told, shown } = create();
    timers.sleep(8 * HOUR_MS);
    expect(told).toEqual([]);
    for (const call of shown) call();
    for (const call of shown) call();
    expect(told).toEqual(['2026-11-28']);
    expect(timers.waiting).toBe(1);
  });
});
