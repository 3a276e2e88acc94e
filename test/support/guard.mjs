/**
 * Runs one program for the tests and outlives whoever started it just long enough to end that program and to remove
 * its directory: when the channel to the parent closes, be it by an orderly stop, a crash or Ctrl-C. Started in its own
 * session by processes.ts, which sends the `GuardOptions` as the only argument.
 *
 * Messages: `{ pid }` or `{ error }` once, `{ exit: { code, signal } }` when the program has ended; the parent sends
 * `{ end: 'keep' | 'remove' }`, what is to become of the directory.
 */
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';

const GRACE_MS = 4_000;

const { command, args, directory, logFile, uid, gid, stopSignal } = JSON.parse(process.argv[2]);
const log = openSync(logFile, 'a');
let removeDirectory = true;
let running = true;
let ending = false;

// The pipe to its standard input stays open: kcat ends when that closes.
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
