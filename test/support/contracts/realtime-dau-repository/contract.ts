import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { type IRealtimeDauRepository } from '../../../../src/domain/repositories/realtime-dau.repository.interface.js';
import { REALTIME_DAU_STANDARD_ERROR } from '../../../../src/domain/services/realtime-dau-estimate.js';

/** One adapter of the port. */
export interface RealtimeDauHarness {
  /** Returns an empty repository that replaces the one before. */
  empty(): Promise<IRealtimeDauRepository>;
  close(): Promise<void>;
}

/**
 * Describes what every {@link IRealtimeDauRepository} does.
 *
 * @param days two neighbouring days that the adapter still keeps
 */
export function describeRealtimeDauRepository(
  adapter: string,
  days: readonly [string, string],
  open: () => Promise<RealtimeDauHarness>,
): void {
  describe(`IRealtimeDauRepository: ${adapter}`, () => {
    const [first, second] = days;
    let harness: RealtimeDauHarness;
    let dau: IRealtimeDauRepository;

    beforeAll(async () => {
      harness = await open();
    });

    beforeEach(async () => {
      dau = await harness.empty();
    });

    afterAll(() => harness.close());

    it('counts zero on an unknown day', async () => {
      expect(await dau.count(first)).toBe(0);
    });

    it('keeps its count when no identity is added', async () => {
      await dau.add(first, []);
      expect(await dau.count(first)).toBe(0);
    });

    it('counts a few identities exactly', async () => {
      await dau.add(first, ['u:1', 'u:2', 'i:install-1', 'i:省份 😀']);
      expect(await dau.count(first)).toBe(4);
    });

    it('counts a user and an install of the same name as two', async () => {
      await dau.add(first, ['u:42', 'i:42']);
      expect(await dau.count(first)).toBe(2);
    });

    it('keeps its count when an identity is added twice', async () => {
      await dau.add(first, ['u:1', 'u:2', 'u:1']);
      await dau.add(first, ['u:2', 'u:3']);
      await dau.add(first, ['u:1', 'u:2', 'u:3']);
      expect(await dau.count(first)).toBe(3);
    });

    it('keeps the days apart', async () => {
      await dau.add(first, ['u:1', 'u:2', 'u:3']);
      await dau.add(second, ['u:1', 'u:4']);
      expect(await dau.count(first)).toBe(3);
      expect(await dau.count(second)).toBe(2);
    });

    it('counts five thousand identities within four standard errors in any order of additions', async () => {
      const identities = Array.from({ length: 5_000 }, (_, i) => (i % 3 === 0 ? `i:install-${i}` : `u:${i}`));
      await Promise.all([
        dau.add(first, identities.slice(2_000)),
        dau.add(first, identities.slice(0, 3_500).reverse()),
        dau.add(first, identities),
      ]);
      const error = Math.abs((await dau.count(first)) - identities.length);
      expect(error).toBeLessThanOrEqual(4 * REALTIME_DAU_STANDARD_ERROR * identities.length);
    });
  });
}
