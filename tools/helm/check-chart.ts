import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { CheckFailedError, runCheck, runStep, skipStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { tryPythonTool } from '../support/python-tool.js';
import { chartProblems } from './chart-rules.js';
import { startProblems } from './start-rules.js';
import { CHECK_CHART } from './check-chart-command.js';
import { buildChartTools, type ChartTools } from './go-tools.js';
import type { Manifest } from './manifest.js';

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
/** Values that the schema or a template must refuse. */
const WRONG = [
  'config.REDIS_HOTS=redis',
  'config.JWT_SECRET=visible',
  'secrets.keys.JWT_SECRET=null',
  'shutdownGraceSeconds=301',
  'replica=3',
  // The policy would shut out a Prometheus of another namespace.
  'serviceMonitor.enabled=true',
  // All cores of the node would count.
  'config.WORKERS=auto',
];
/** A helm that knows no cluster takes it for an old one. */
const CLUSTER = ['--kube-version', '1.27.0'];
const KUBERNETES_VERSIONS = ['1.27', '1.37'];
/** The package carries the schemas of both. It warns of a kind without one, such as the ServiceMonitor. */
const VALIDATOR = { name: 'kubernetes-validate', program: 'kubernetes-validate' };
const TIMEOUT_MS = 60_000;

/** @returns null, and says why, where PyPI cannot be reached */
async function fetchValidator(): Promise<string | null> {
  const program = await tryPythonTool(VALIDATOR);
  if (typeof program === 'string') return program;
  skipStep('compare each manifest with the schemas of Kubernetes', program.reason);
  return null;
}

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

/** Validates manifests by the schemas of the oldest Kubernetes that the chart names and of the newest one. */
function checkSchemas(validate: string, rendered: string): void {
  for (const version of KUBERNETES_VERSIONS) runSoundly(validate, ['-k', version, '--strict', '-'], rendered);
}

function checkRendering(
  { helm, manifests }: ChartTools,
  validate: string | null,
  args: readonly string[],
): string {
  runSoundly(helm, ['lint', '--strict', CHART, ...CLUSTER, ...args]);
  const rendered = runSoundly(helm, ['template', 'figures', CHART, ...CLUSTER, ...args]);
  const kinds = runSoundly(manifests, [], rendered).trim().split('\n').sort();
  const documents = loadAll(rendered).filter((document) => document !== null) as Manifest[];
  const problems = [...chartProblems(documents), ...startProblems(documents)];
  if (validate !== null) checkSchemas(validate, rendered);
  if (kinds.length !== documents.length) problems.push('the reader of manifests has not read each of them');
  if (problems.length > 0) throw new CheckFailedError(problems.join('\n'));
  return kinds.join(', ');
}

async function checkChart(): Promise<void> {
  const tools = buildChartTools();
  if (typeof tools === 'string') {
    skipStep('lint and render the chart', tools);
    return;
  }
  const validate = await fetchValidator();
  for (const { name, args } of RENDERINGS)
    await runStep(
      `render ${name}`,
      () => checkRendering(tools, validate, args),
      (kinds) => kinds,
    );
  if (validate !== null)
    await runStep('find a manifest that no Kubernetes takes', () => {
      const wrong = 'apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: high}]}\n';
      let isFound = false;
      try {
        checkSchemas(validate, wrong);
      } catch {
        isFound = true;
      }
      if (!isFound) throw new CheckFailedError('the schemas accept a port that is no number');
    });
  await runStep('refuse wrong values', () => {
    const accepted = WRONG.filter(
      (value) => run(tools.helm, ['template', 'figures', CHART, ...CLUSTER, '--set', value]).status === 0,
    );
    if (accepted.length > 0) throw new CheckFailedError(`accepted: ${accepted.join(', ')}`);
  });
}

commandLineOf(CHECK_CHART);
await runCheck(checkChart);
