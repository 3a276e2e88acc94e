import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 25_000;
/** Lines of {@link Progress} begin with a share or a count; others are of the log. */
const PROGRESS = /^\d[\d,/]*( ?%|\/| )/;
const COMMAND_TIMEOUT_MS = 10 * 60_000;

/** A step of the demo failed; the message holds what the program wrote. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** The built service and its commands, in an environment of their own. */
export class DemoService {
  readonly url: string;
  private child: ChildProcess | null = null;
  private command: ChildProcess | null = null;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly logPath: string,
    /** Opens the figures of this service and of no other one that may listen on its port. */
    private readonly token: string,
    /** Takes the lines in which a command says how far it is. */
    private readonly onProgress: (line: string) => void,
  ) {
    this.url = `http://127.0.0.1:${env['PORT'] ?? ''}`;
  }

  /** Rejects once the service has ended. */
  failsWhenItEnds(): Promise<never> {
    return new Promise((_, reject) =>
      this.child?.once('exit', (code) => {
        reject(new DemoError(`The service ended with code ${String(code)}: see ${this.logPath}`));
      }),
    );
  }

  /** @throws DemoError when it does not become ready */
  async start(): Promise<void> {
    const log = openSync(this.logPath, 'w');
    this.child = spawn(process.execPath, ['--max-old-space-size=512', 'dist/src/main.js'], {
      cwd: ROOT,
      env: { ...this.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (this.child.exitCode !== null || this.child.signalCode !== null || performance.now() > deadlineMs)
        throw new DemoError(`The service did not start:\n${readFileSync(this.logPath, 'utf8').slice(-2000)}`);
      await delay(100);
    }
  }

  /** Runs a built command to its end. @throws DemoError with its output when it fails */
  async run(program: string, ...args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [`dist/src/cli/${program}.js`, ...args], {
      cwd: ROOT,
      env: { ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_TIMEOUT_MS,
    });
    this.command = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (PROGRESS.test(line)) this.onProgress(line);
    });
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new DemoError(`${program} failed:\n${output}`);
  }

  /** Ends the service and waits until its database has stopped. */
  async stop(): Promise<void> {
    const { child, command } = this;
    command?.kill('SIGTERM');
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  private async isReady(): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.url}/presence/online-count`, {
        headers: { authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(5_000),
      });
      return status === 200;
    } catch {
      return false;
    }
  }
}
