import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessRealtimeDauRepository } from '../../../../src/infrastructure/in-process/in-process-realtime-dau.repository.js';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';
import { TODAY, YESTERDAY } from '../../../support/builders.js';

describe('InProcessRealtimeDauRepository', () => {
  let realtimeDau: InProcessRealtimeDauRepository;

  beforeEach(() => {
    realtimeDau = new InProcessRealtimeDauRepository();
  });

  it('counts zero on a day without actives', async () => {
    await realtimeDau.add(TODAY, []);
    expect(await realtimeDau.count(TODAY)).toBe(0);
  });

  it('trap 5: keeps the days apart', async () => {
    await realtimeDau.add(YESTERDAY, ['u:1', 'u:2']);
    await realtimeDau.add(TODAY, ['u:1']);
    expect(await realtimeDau.count(YESTERDAY)).toBe(2);
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });

  it('counts an identity that is added twice once', async () => {
    await realtimeDau.add(TODAY, ['u:1', 'i:1']);
    await realtimeDau.add(TODAY, ['i:1', 'u:1']);
    expect(await realtimeDau.count(TODAY)).toBe(2);
  });

  it('trap 5: keeps ten days and evicts the oldest first, whatever the order of their arrival', async () => {
    const days = Array.from({ length: 10 }, (_, n) => addDaysToKey(TODAY, -n));
    for (const day of days) await realtimeDau.add(day, ['u:1']);
    await realtimeDau.add(addDaysToKey(TODAY, 1), ['u:1']);
    expect(await realtimeDau.count(addDaysToKey(TODAY, -9))).toBe(0);
    expect(await realtimeDau.count(addDaysToKey(TODAY, -8))).toBe(1);
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });
});
