import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/cli/support/usage-error.js';
import { parseOptions, type ChaosOptions } from '../../../../tools/chaos/options.js';
import { planFaults } from '../../../../tools/chaos/plan/fault-plan.js';
import { planRun } from '../../../../tools/chaos/plan-run.js';
import { faultOf } from './sample-history.js';

/** A machine that can run everything but Apache Kafka. */
const withoutKafka = (
  wanted: ChaosOptions['stores'],
): { stores: ChaosOptions['stores']; missing: string[] } => ({
  stores: wanted.filter((store) => store !== 'kafka'),
  missing: wanted.includes('kafka') ? ['this machine lacks Apache Kafka'] : [],
});

function optionsOf(argv: string): ChaosOptions {
  const options = parseOptions(argv.split(' '), { seed: '7' });
  if (options === undefined || !('seed' in options)) throw new Error('no run');
  return options;
}

function rejectionOf(argv: string): unknown {
  try {
    planRun(optionsOf(argv), withoutKafka);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('planRun', () => {
  it.each([
    ['--stores single --only pooler', /single: pooler\.crash needs --stores pgbouncer/],
    ['--stores pgbouncer --only standby.crash', /pgbouncer: standby\.crash needs --stores standby$/],
    ['--stores cluster --only redis.read-only', /redis\.read-only needs stores without cluster/],
    [
      '--stores kafka --only kafka.crash',
      /single \(this machine lacks Apache Kafka\): kafka\.crash needs --stores kafka/,
    ],
  ])('rejects %s, of which no fault can happen, and says what to do', (argv, message) => {
    expect(rejectionOf(argv)).toEqual(expect.any(UsageError));
    expect(String(rejectionOf(argv))).toMatch(message);
  });

  it('rejects a load that is too short for one round, instead of a run without faults', () => {
    const argv = '--stores single --only postgres-link.slow --minutes 0.5 --seed';
    const rejections = Array.from({ length: 20 }, (_, seed) => rejectionOf(`${argv} ${seed}`)).filter(
      Boolean,
    );
    expect(rejections.length).toBeGreaterThan(0);
    for (const rejection of rejections)
      expect(String(rejection)).toMatch(/UsageError: --minutes .+ 0\.5 of seed \d+ .+ give 1 or more/);
    expect(planRun(optionsOf('--stores single --minutes 1'), withoutKafka).options.plan).not.toEqual([]);
  });

  it('plans on the stores that the machine has', () => {
    const { options, missing } = planRun(optionsOf('--stores standby,kafka --minutes 60'), withoutKafka);
    expect(options.stores).toEqual(['standby']);
    expect(options.plan).toEqual(planFaults(options));
    expect(options.plan.map(({ kind }) => kind)).not.toContain('kafka.crash');
    expect(missing).toEqual(['this machine lacks Apache Kafka']);
  });

  it('leaves a recorded plan as it is', () => {
    const plan = [faultOf()];
    const { options } = planRun({ ...optionsOf('--stores single --only pooler'), plan }, withoutKafka);
    expect(options.plan).toBe(plan);
  });
});
