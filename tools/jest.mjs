// Usage: node tools/jest.mjs PROJECT [--zones=UTC,Asia/Shanghai] [arguments for Jest]
// Runs a Jest project once in each time zone; without --zones once in the zone of this process.
import { spawn } from 'node:child_process';

const [project, ...rest] = process.argv.slice(2);
const zonesArgument = rest.find((argument) => argument.startsWith('--zones='));
const zones = zonesArgument?.slice('--zones='.length).split(',') ?? [undefined];
const jestArguments = rest.filter((argument) => argument !== zonesArgument);

// On two cores Jest would run one suite at a time, and all of a project in one process. These wait for servers most of
// the time; the unit tests become slow in one process, because Jest leaves something in it for each file.
const WORKERS = { unit: 2, integration: 2, page: 2 };
/** A worker that holds more after a suite is replaced by a new process. */
const WORKER_MEMORY = '512MB';

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
      ...(project === 'unit' ? [`--workerIdleMemoryLimit=${WORKER_MEMORY}`] : []),
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
