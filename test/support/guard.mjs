/**
 * Runs one program for processes.ts, and ends it and removes its directory when the channel to the parent closes.
 * Its messages are `{ pid }` or `{ error }`, then `{ exit }`; the parent sends `{ end: 'keep' | 'remove' }`.
 */
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';

const GRACE_MS = 4_000;

const { command, args, directory, logFile, uid, gid, stopSignal } = JSON.parse(process.argv[2]);
const log = openSync(logFile, 'a');
let removeDirectory = true;
let running = true;
let ending = false;

// kcat ends when its standard input closes, so the pipe stays open.
const child = spawn(command, args, {
  uid,
  gid,
  cwd: '/',
  env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  stdio: ['pipe', log, log],
});
child.stdin?.on('error', () => undefined);
child.once('spawn', () => tell({ pid: child.pid }));
child.once('error', (error) => {
  if (child.pid !== undefined) return;
  running = false;
  tell({ error: error.code ?? error.message });
});
child.once('exit', (code, signal) => {
  running = false;
  tell({ exit: { code, signal } });
  if (ending) finish();
});
process.on('message', (message) => {
  removeDirectory = message.end !== 'keep';
  end();
});
process.on('disconnect', end);

function tell(message) {
  if (process.connected) process.send(message, () => undefined);
}

function end() {
  if (ending) return;
  ending = true;
  if (!running) return finish();
  // A paused process acts on no other signal.
  child.kill('SIGCONT');
  child.kill(stopSignal);
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
}

function finish() {
  if (removeDirectory) rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
}
