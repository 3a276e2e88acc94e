import { describe, expect, it } from '@jest/globals';

import { SettledDays } from '../../../../src/application/services/settled-days.service.js';
import type {
  ActiveBuilds,
  IActiveSpansRepository,
} from '../../../../src/domain/repositories/active-spans.repository.interface.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';

const BUILT_AT = new Date('2025-01-15T09:00:00+08:00');

/** Reads the settlement at an instant of Shanghai for an answer up to a day. */
async function readAt(now: string, lastDay: string, firstUnsettledDay: string | null = null) {
  const asked: string[] = [];
  const readBuilds = async (day: string): Promise<ActiveBuilds> => {
    asked.push(day);
    return { firstUnsettledDay, lastBuiltAt: BUILT_AT };
  };
  const spans = { readBuilds } as unknown as IActiveSpansRepository;
  const settlement = await new SettledDays(new FixedClock(`2025-01-${now}+08:00`), spans).read(lastDay);
  return { ...settlement, asked };
}

describe('SettledDays', () => {
  it.each([
    ['before 01:00 the day before yesterday is the last final one', '15T00:59:59.999', '2025-01-13'],
    ['from 01:00 yesterday is', '15T01:00:00.000', '2025-01-14'],
    ['at the end of the day yesterday is', '15T23:59:59.999', '2025-01-14'],
  ])('%s', async (_, now, finalThrough) => {
    const { state, isFinal, today } = await readAt(now, '2025-01-15');
    expect(today).toBe('2025-01-15');
    expect(state).toEqual({ finalThrough, calculatedAt: BUILT_AT });
    for (const day of ['2025-01-12', '2025-01-13', '2025-01-14', '2025-01-15'])
      expect(isFinal(day)).toBe(day <= finalThrough);
  });

  it('ends before the first day that gained events since it was counted', async () => {
    const { state, isFinal } = await readAt('15T12:00:00', '2025-01-15', '2025-01-10');
    expect(state.finalThrough).toBe('2025-01-09');
    expect([isFinal('2025-01-09'), isFinal('2025-01-10'), isFinal('2025-01-14')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is limited to the days of the answer, so that the answer stays when later days become final', async () => {
    const [today, tomorrow] = [
      await readAt('15T12:00:00', '2025-01-05'),
      await readAt('16T12:00:00', '2025-01-05'),
    ];
    expect(today.state).toEqual({ finalThrough: '2025-01-05', calculatedAt: BUILT_AT });
    expect(tomorrow.state).toEqual(today.state);
    expect(today.asked).toEqual(['2025-01-05']);
  });
});
