import { readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runCheck, runStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { hostEnvironment } from '../support/host-environment.js';
import { killStartedProcesses, runSuccessfully } from '../support/processes.js';
import { buildAnew } from './build-anew.js';
import { CHECK_RUNTIME, type CheckRuntimeOptions } from './check-runtime-command.js';
import { IMAGE_NODE, installNode } from './node-release.js';
import { useService } from './smoke.js';

const ROOT = join(import.meta.dirname, '../..');
const BUILD_TIMEOUT_MS = 180_000;
const UNIT_TIMEOUT_MS = 480_000;
/** Further Nodes on which the service is used: the oldest that package.json allows, and the other recommended line. */
const OTHER_NODES = ['20.19.0', '22'];

/** Unit tests of what the image does not run: they need no Node of the image. */
const OUTSIDE_IMAGE = [
  ...['bench', 'deployment', 'support', 'tools', 'web'],
  ...[
    'documents.spec.ts',
    'expectations.ts',
    'generated-docs.spec.ts',
    'layer-rules.spec.ts',
    'lint-rules.spec.ts',
  ],
];

/** Returns the paths of all other unit tests, so that a new one is among them. */
function unitTests(): string[] {
  return readdirSync(join(ROOT, 'test/unit'))
    .filter((entry) => !OUTSIDE_IMAGE.includes(entry))
    .map((entry) => `test/unit/${entry}`);
}

async function checkRuntime({ smokeOnly }: CheckRuntimeOptions): Promise<void> {
  const node = await runStep(`fetch Node ${IMAGE_NODE} of the image`, () => installNode(IMAGE_NODE));
  const run = (args: readonly string[], timeoutMs: number) =>
    runSuccessfully(node, args, {
      cwd: ROOT,
      env: { ...hostEnvironment(), PATH: [dirname(node), hostEnvironment()['PATH']].join(delimiter) },
      timeoutMs,
    });
  if (!smokeOnly) {
    await runStep(`build on Node ${IMAGE_NODE}`, () =>
      buildAnew(ROOT, () => run(['tools/build.mjs'], BUILD_TIMEOUT_MS)),
    );
    await runStep(`unit tests on Node ${IMAGE_NODE}`, () =>
      run(['tools/jest.mjs', 'unit', '--zones=UTC', 'src/', ...unitTests()], UNIT_TIMEOUT_MS),
    );
  }
  await runStep(`start, event, heartbeat, figures and stop on Node ${IMAGE_NODE}`, () => useService(node));
  for (const version of OTHER_NODES)
    await runStep(`the same on Node ${version}`, async () => useService(await installNode(version)));
}

const options = commandLineOf(CHECK_RUNTIME);
await runCheck(() => checkRuntime(options).finally(killStartedProcesses));
