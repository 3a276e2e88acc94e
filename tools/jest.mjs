// Usage: node tools/jest.mjs PROJECT [--zones=UTC,Asia/Shanghai] [arguments for Jest]
// Runs a Jest project once in each time zone; without --zones once in the zone of this process.
import { spawn } from 'node:child_process';

const [project, ...rest] = process.argv.slice(2);
const zonesArgument = rest.find((argument) => argument.startsWith('--zones='));
const zones = zonesArgument?.slice('--zones='.length).split(',') ?? [undefined];
const jestArguments = rest.filter((argument) => argument !== zonesArgument);

// These suites mostly wait: for servers, reconnections, stale figures. On two cores Jest would run one at a time.
const WORKERS = { integration: 2, page: 2 };

let child;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child?.kill(signal));

for (const zone of zones) {
  if (zone !== undefined) console.log(`\n${project} tests under TZ=${zone}`);
  child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      ...(WORKERS[project] === undefined ? [] : [`--maxWorkers=${WORKERS[project]}`]),
      ...jestArguments,
      // The option must come last: it reads every argument behind it as a project name.
      '--selectProjects',
      project,
    ],
    { stdio: 'inherit', env: { ...process.env, ...(zone !== undefined && { TZ: zone }) } },
  );
  const code = await new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)));
  if (code !== 0) process.exit(code);
}
