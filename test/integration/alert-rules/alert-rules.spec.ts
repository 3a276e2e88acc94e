import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dump, load } from 'js-yaml';
import { ALERTS } from '../../../tools/prometheus/rules-file.js';
import { CASES, type AlertCase, type Series } from './cases.js';

const RULES = join(import.meta.dirname, '../../../deploy/prometheus/rules.yaml');
const TIMEOUT_MS = 60_000;

const run = promisify(execFile);
let directory = '';
/** Names of the groups of rules, in the order of the file. */
let groups: string[] = [];

beforeAll(async () => {
  const rules = load(await readFile(RULES, 'utf8')) as {
    readonly groups: readonly { readonly name: string }[];
  };
  groups = rules.groups.map(({ name }) => name);
  directory = await mkdtemp(join(tmpdir(), 'analytics-alerts-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Returns a test for promtool: the alerts of one name that fire under the series of the case. */
function promtoolTest(
  { alert, atMinute, everyMinutes = 1, summary, labels }: AlertCase,
  series: Series,
  fires: boolean,
): object {
  const rule = ALERTS.find(({ name }) => name === alert);
  const expected = {
    exp_labels: { severity: rule?.severity, ...labels },
    exp_annotations: { summary, runbook: `docs/runbooks.md#${alert.toLowerCase()}` },
  };
  return {
    interval: `${everyMinutes}m`,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: `${atMinute}m`, alertname: alert, exp_alerts: fires ? [expected] : [] }],
  };
}

describe('deploy/prometheus/rules.yaml', () => {
  it('is taken by Prometheus', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', RULES], { timeout: TIMEOUT_MS });
    expect(stdout).toContain('SUCCESS');
  });

  it('is named by a configuration that Prometheus takes', async () => {
    const config = await readFile(join(RULES, '../prometheus.yaml'), 'utf8');
    const path = join(directory, 'prometheus.yaml');
    await writeFile(path, config.replace('/etc/prometheus/rules.yaml', RULES));
    const { stdout } = await run('promtool', ['check', 'config', path], { timeout: TIMEOUT_MS });
    expect(stdout).toMatch(/1 rule files? found/);
    expect(stdout).toContain('is valid prometheus config');
  });

  it('has a case for every alert', () => {
    expect([...new Set(CASES.map(({ alert }) => alert))]).toEqual(ALERTS.map(({ name }) => name));
  });

  it.each(CASES.map((one) => [one.alert, one] as const))(
    '%s fires when something is wrong, and is silent when all is well',
    async (alert, one) => {
      const path = join(directory, `${alert}.yaml`);
      const tests = [promtoolTest(one, one.wrong, true), promtoolTest(one, one.well, false)];
      await writeFile(
        path,
        dump({
          rule_files: [RULES],
          evaluation_interval: `${one.everyMinutes ?? 1}m`,
          // Otherwise each run takes its own order, and an alert may read the recorded series of the evaluation before.
          group_eval_order: groups,
          tests,
        }),
      );
      // It fails with the difference when other alerts fire.
      await run('promtool', ['test', 'rules', path], { timeout: TIMEOUT_MS });
    },
    TIMEOUT_MS,
  );
});
