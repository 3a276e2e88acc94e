import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../../../tools/chaos/checkers/check-history.js';
import { recoveriesOf } from '../../../../tools/chaos/checkers/recovery.js';
import type { History } from '../../../../tools/chaos/history/history.js';
import { replicasOf, storesOf } from '../../../../tools/chaos/plan/stores.js';
import type { ChaosOptions } from '../../../../tools/chaos/options.js';
import { nextSeed, runSeeds } from '../../../../tools/chaos/replay/run-seeds.js';
import {
  brokenReportOf,
  reportOf,
  saveReport,
  type Provenance,
} from '../../../../tools/chaos/report/run-report.js';
import { publishRuns } from '../../../../tools/chaos/totals/published-runs.js';
import { collectRuns, percentile, renderTotals } from '../../../../tools/chaos/totals/totals.js';
import { BLOCK_BEGIN, BLOCK_END, replaceBlock } from '../../../../tools/chaos/totals/totals-page.js';
import { faultOf, historyOf, operationOf, probeOf, storedOf, unansweredProbe } from './sample-history.js';

/** A run with one fault, after which heartbeats fail for a while. */
function recovering(seed: string, failsForMs: number): History {
  const faults = [faultOf()];
  const probes = [500, failsForMs, failsForMs + 500].map((ms, turn) =>
    probeOf('/presence/heartbeat', 10_000 + ms, turn < 2 ? { status: 503, hasRetryAfter: true } : {}),
  );
  return { ...historyOf({ faults, operations: [operationOf(), ...probes] }), seed };
}

describe('totals', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaos-totals-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function save(name: string, history?: History): void {
    mkdirSync(join(directory, name));
    const path = join(directory, name, 'history.jsonl.gz');
    writeFileSync(path, '');
    if (history !== undefined) saveReport(path, reportOf(history, checkHistory(history), ['standby']));
  }

  function totals(): string {
    return renderTotals(collectRuns(directory));
  }

  it('add up runs, faults, events and recoveries', () => {
    save('a', recovering('1', 2_000));
    save('b', recovering('2', 4_000));
    save('c', recovering('2', 1_000));
    const text = totals();
    expect(text).toContain('| runs | 3 |');
    expect(text).toContain('| minutes of load | 3 |');
    expect(text).toContain('| faults | 3 |');
    expect(text).toContain('| `redis.freeze` | 3 |');
    expect(text).toContain('| acknowledged events | 3 |');
    expect(text).toContain('| standby | 3 |');
    expect(text).toContain('| recovery, median | 2.5 s |');
    expect(text).toContain('| recovery, longest | 4.5 s |');
    expect(text).toContain('| runs with a check that does not hold | 0 |');
    expect(text).toContain('Seeds: 1, 2 (2 ×).');
  });

  it.each<[what: string, row: string, history: History]>([
    ['lost events', 'acknowledged and lost', historyOf({}, { stored: [] })],
    ['doubles', 'stored twice', historyOf({}, { stored: [storedOf(), storedOf()] })],
    ['sessions that are not on Kafka', 'stored and missing on Kafka', historyOf({}, { published: [] })],
    ['drift', 'runs with drift', historyOf({}, { audit: { exitCode: 1, output: 'drift' } })],
    [
      'crashes',
      'crashes',
      historyOf({
        exits: [{ atMs: 1, replica: 0, code: 1, asked: null, hadStarted: true, lastLines: [] }],
      }),
    ],
  ])('count %s and name the seed', (_what, row, history) => {
    save('a', { ...history, seed: '77' });
    expect(totals()).toContain(`| ${row} | 1 |`);
    expect(totals()).toMatch(/\| 77 \| .+ \|/);
  });

  it('count a run that ended with an error, with what it did and its seed', () => {
    save('a');
    const options: ChaosOptions = {
      ...{ seed: '9', durationMs: 120_000, kinds: [], only: undefined, stores: [], atOnce: 3, replicas: 1 },
      ...{ devices: 10, speed: 1, calmMs: 0, directory },
    };
    const check = { verdict: 'wrong', name: 'the run comes to its end', detail: '', samples: [] } as const;
    const { faults, operations } = recovering('9', 49_500);
    const recorded = {
      faults: [...faults, faultOf({ id: 1, kind: 'redis.crash', error: 'ENOENT' })],
      operations,
      exits: [{ atMs: 50_000, replica: 0, code: 1, asked: null, hadStarted: true, lastLines: [] }],
    };
    saveReport(join(directory, 'a', 'history.jsonl.gz'), brokenReportOf(options, recorded, [check]));
    const text = totals();
    // The probes ended after one of two minutes.
    expect(text).toContain('| minutes of load | 1 |');
    expect(text).toContain('| faults | 1 |');
    expect(text).toContain('| `redis.freeze` | 1 |');
    expect(text).toContain('| crashes | 1 |');
    expect(text).toContain('| recovery, longest | 50.0 s |');
    expect(text).toContain('| 9 | the run comes to its end |');
  });

  it('say for each run which commit it ran and which command repeats it', () => {
    const page = join(directory, 'reliability.md');
    const published = (name: string, provenance: Partial<Provenance>): void => {
      save(name);
      const path = join(directory, name, 'history.jsonl.gz');
      saveReport(path, { ...reportOf(historyOf(), [], []), ...provenance });
    };
    published('7-1', { commit: 'abc1234', command: 'npm run chaos -- --seed 7' });
    // A run that is judged again.
    saveReport(join(directory, '7-1', 'history.jsonl.gz'), reportOf(historyOf(), [], []));
    published('8-1', { commit: 'abc1234', command: null });
    // A line that was published before runs had a commit and a command.
    published('9-1', {});
    save('9-2');
    const text = renderTotals(publishRuns(page, collectRuns(directory), '1.0.0'));
    expect(text).toContain('Commits: abc1234 (2 runs), unknown (2 runs).');
    expect(text).toContain('| 7-1 | abc1234 | right | `npm run chaos -- --seed 7` |');
    expect(text).toContain('| 8-1 | abc1234 | right | its recorded plan |');
    expect(text).toContain('| 9-1 | unknown | right | unknown |');
    expect(text).toContain('| 9-2 | unknown | cut off | unknown |');
    expect(readFileSync(join(directory, 'reliability-runs.jsonl'), 'utf8')).toContain('--seed 7');
  });

  it('say how many runs were cut off', () => {
    save('a', historyOf());
    save('b');
    expect(totals()).toContain('| runs | 1 |');
    expect(totals()).toContain('| runs cut off | 1 |');
  });

  it('add up the runs of a version that were published before, each once', () => {
    const page = join(directory, 'reliability.md');
    save('a', recovering('1', 2_000));
    publishRuns(page, collectRuns(directory), '1.0.0');
    rmSync(join(directory, 'a'), { recursive: true });
    save('b', recovering('2', 4_000));
    save('c');
    publishRuns(page, collectRuns(directory), '1.0.0');
    const text = renderTotals(publishRuns(page, collectRuns(directory), '1.0.0'));
    expect(text).toContain('| runs | 2 |');
    expect(text).toContain('| runs cut off | 1 |');
    expect(text).toContain('Seeds: 1, 2.');
    save('d', recovering('3', 1_000));
    expect(renderTotals(publishRuns(page, collectRuns(directory), '1.1.0'))).toContain('Seeds: 3.');
  });

  it('take the new report of a published run, and keep the one that was lost', () => {
    const page = join(directory, 'reliability.md');
    save('a', recovering('1', 2_000));
    publishRuns(page, collectRuns(directory), '1.0.0');
    const path = join(directory, 'a', 'history.jsonl.gz');
    const lost = historyOf({}, { stored: [] });
    saveReport(path, reportOf(lost, checkHistory(lost), []));
    for (const version of ['1.1.0', '1.0.0']) publishRuns(page, collectRuns(directory), version);
    rmSync(join(directory, 'a', 'verdict.json'));
    const text = renderTotals(publishRuns(page, collectRuns(directory), '1.0.0'));
    expect(text).toContain('| runs | 1 |');
    expect(text).toContain('| acknowledged and lost | 1 |');
  });

  it('take the place of what stands between the marks of a page', () => {
    const page = `before\n${BLOCK_BEGIN}\n\nold\n\n${BLOCK_END}\nafter\n`;
    expect(replaceBlock(page, 'new', 'page.md')).toBe(
      `before\n${BLOCK_BEGIN}\n\nnew\n\n${BLOCK_END}\nafter\n`,
    );
    expect(() => replaceBlock('no marks', 'new', 'page.md')).toThrow('page.md');
  });
});

describe('recoveriesOf', () => {
  it('lasts until the answer that ends the last failure, also of a request that hangs', () => {
    const probes = [
      unansweredProbe('/presence/heartbeat', 11_000),
      probeOf('/presence/heartbeat', 11_500),
      probeOf('/presence/heartbeat', 21_500),
    ];
    expect(recoveriesOf(historyOf({ faults: [faultOf()], operations: probes }))).toEqual([11_505]);
  });

  it('lasts for the whole calm when nothing succeeds in it', () => {
    const probes = [unansweredProbe('/presence/heartbeat', 18_000)];
    const history = historyOf({ faults: [faultOf()], operations: probes, loadMs: 24_000 });
    expect(recoveriesOf(history)).toEqual([14_000]);
  });

  it('is unknown after a round without probes of a replica', () => {
    const probes = [probeOf('/presence/heartbeat', 11_000)];
    const history = historyOf({ faults: [faultOf()], operations: probes });
    expect(recoveriesOf(history)).toEqual([0]);
    expect(recoveriesOf({ ...history, replicas: 2 })).toEqual([]);
  });
});

describe('percentile', () => {
  it('is the smallest value that the share does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
    expect(percentile([], 0.5)).toBe(0);
  });
});

describe('runSeeds', () => {
  it('runs one seed after the other and returns the first code that is not 0', async () => {
    const seeds: string[] = [];
    const options = { seed: '7', runs: { count: 3, stores: undefined, replicas: undefined } } as Parameters<
      typeof runSeeds
    >[0];
    const exitCode = await runSeeds(options, async ({ seed, stores, replicas }) => {
      seeds.push(seed);
      expect({ stores, replicas }).toEqual({ stores: storesOf(seed), replicas: replicasOf(seed) });
      return seed === '8' ? 1 : 0;
    });
    expect({ seeds, exitCode }).toEqual({ seeds: ['7', '8', '9'], exitCode: 1 });
    expect(nextSeed('release', 1)).toBe('release-2');
  });
});
