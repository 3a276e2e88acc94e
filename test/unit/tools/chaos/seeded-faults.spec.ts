import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../../../tools/chaos/checkers/check-history.js';
import { SEEDED_FAULTS } from '../../../../tools/chaos/sabotage/seeded-faults.js';
import { historyOf } from './sample-history.js';

/** It judges the machine of the run, and is never wrong. */
const OF_THE_MACHINE = 'the machine keeps up';

describe('the seeded faults', () => {
  it('prove every check', () => {
    const checks = checkHistory(historyOf({ delivery: [] })).map(({ name }) => name);
    const proven = new Set(SEEDED_FAULTS.flatMap((fault) => fault.checks));
    expect(checks.filter((name) => !proven.has(name))).toEqual([OF_THE_MACHINE]);
  });
});
