import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { CheckFailedError, runCheck, runStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { chartProblems, type Manifest } from './chart-rules.js';
import { CHECK_CHART } from './check-chart-command.js';
import { buildChartTools, type ChartTools } from './go-tools.js';

const ROOT = join(import.meta.dirname, '../..');
const CHART = 'deploy/helm/analytics-presence';
const EVERYTHING = ['--values', 'deploy/helm/values/everything.yaml'];
const RENDERINGS = [
  { name: 'defaults', args: [] },
  { name: 'everything', args: EVERYTHING },
  {
    name: 'bare',
    args: ['autoscaling', 'migration', 'networkPolicy', 'podDisruptionBudget'].flatMap((part) => [
      '--set',
      `${part}.enabled=false`,
    ]),
  },
];
/** Values that the schema must refuse. */
const WRONG = [
  'config.REDIS_HOTS=redis',
  'config.JWT_SECRET=visible',
  'secrets.keys.JWT_SECRET=null',
  'shutdownGraceSeconds=301',
  'replica=3',
];
/** A helm that knows no cluster takes it for an old one. */
const CLUSTER = ['--kube-version', '1.27.0'];
const TIMEOUT_MS = 60_000;

function run(program: string, args: readonly string[], input = '') {
  return spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', input, timeout: TIMEOUT_MS });
}

function runSoundly(program: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = run(program, args, input);
  if (status === 0) return stdout;
  throw new CheckFailedError(
    `${program} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout.slice(-2000)}${stderr}`,
  );
}

async function checkRendering({ helm, manifests }: ChartTools, args: readonly string[]): Promise<string> {
  runSoundly(helm, ['lint', '--strict', CHART, ...CLUSTER, ...args]);
  const rendered = runSoundly(helm, ['template', 'figures', CHART, ...CLUSTER, ...args]);
  const kinds = runSoundly(manifests, [], rendered).trim().split('\n').sort();
  const documents = loadAll(rendered).filter((document) => document !== null) as Manifest[];
  const problems = chartProblems(documents);
  if (kinds.length !== documents.length) problems.push('the reader of manifests has not read each of them');
  if (problems.length > 0) throw new CheckFailedError(problems.join('\n'));
  return kinds.join(', ');
}

async function checkChart(): Promise<void> {
  const tools = await runStep('build helm', buildChartTools, (built) =>
    typeof built === 'string' ? 'not done' : 'ready',
  );
  if (typeof tools === 'string') {
    console.log(`The chart was neither linted nor rendered: ${tools}.`);
    return;
  }
  for (const { name, args } of RENDERINGS)
    await runStep(
      `render ${name}`,
      () => checkRendering(tools, args),
      (kinds) => kinds,
    );
  await runStep('refuse wrong values', () => {
    const accepted = WRONG.filter(
      (value) => run(tools.helm, ['template', 'figures', CHART, ...CLUSTER, '--set', value]).status === 0,
    );
    if (accepted.length > 0) throw new CheckFailedError(`accepted: ${accepted.join(', ')}`);
  });
}

commandLineOf(CHECK_CHART);
await runCheck(checkChart);
