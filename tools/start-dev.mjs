// `npm run start:dev` compiles on every change and restarts the service with the new output.
import { spawn, spawnSync } from 'node:child_process';

const build = spawnSync('npm', ['run', '--silent', 'build'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (build.status !== 0) process.exit(build.status ?? 1);

const children = [
  spawn(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
    {
      stdio: 'inherit',
    },
  ),
  spawn(process.execPath, ['--watch', '--watch-preserve-output', 'dist/src/main.js'], { stdio: 'inherit' }),
];

let stopping = false;
const stop = () => {
  stopping = true;
  for (const child of children) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
for (const child of children) {
  child.on('exit', () => {
    if (!stopping) stop();
  });
}
