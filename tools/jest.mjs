// Runs one of Jest's projects in each of the time zones given (or as the process has it): nothing may depend on it.
//   node tools/jest.mjs PROJECT [--zones=UTC,Asia/Shanghai] [arguments for Jest]
// Integration suites wait for other processes most of their time, and share nothing: two of them run at a time even on
// two cores, where Jest by itself would run one.
import { spawn } from 'node:child_process';

const [project, ...rest] = process.argv.slice(2);
const zonesArgument = rest.find((argument) => argument.startsWith('--zones='));
const zones = zonesArgument?.slice('--zones='.length).split(',') ?? [undefined];
const jestArguments = rest.filter((argument) => argument !== zonesArgument);

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
      ...(project === 'integration' ? ['--maxWorkers=2'] : []),
      ...jestArguments,
      // Last: the option takes every argument behind it for a project's name.
      '--selectProjects',
      project,
    ],
    { stdio: 'inherit', env: { ...process.env, ...(zone !== undefined && { TZ: zone }) } },
  );
  const code = await new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)));
  if (code !== 0) process.exit(code);
}
