import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Ack, Hello, Step } from '../protocol.js';
import { HttpFront } from '../server/http-front.js';
import type { ScriptedServer } from '../server/scripted-server.js';
import type { Driver } from './driver.js';

const STEP_TIMEOUT_MS = 30_000;

/** Speaks with an adapter over its standard input and output. */
export class SpawnedDriver implements Driver {
  private child!: ChildProcessByStdio<Writable, Readable, null>;
  private lines!: AsyncIterator<string>;
  hello!: Hello;

  private constructor(
    private readonly command: string,
    private readonly front: HttpFront,
  ) {}

  static async open(command: string, server: ScriptedServer): Promise<SpawnedDriver> {
    const driver = new SpawnedDriver(command, await HttpFront.open(server));
    try {
      await driver.launch();
    } catch (error) {
      await driver.close();
      throw error;
    }
    return driver;
  }

  get url(): string {
    return this.front.url;
  }

  async send(step: Step): Promise<Ack> {
    this.child.stdin.write(`${JSON.stringify(step)}\n`);
    // An adapter in real time sleeps through an `advance`.
    const ack = (await this.readLine(STEP_TIMEOUT_MS + (step.step === 'advance' ? step.ms : 0))) as Ack;
    if (!ack.ok)
      throw new Error(`The adapter failed at ${JSON.stringify(step)}: ${ack.error ?? 'no reason given'}`);
    return ack;
  }

  async crash(): Promise<void> {
    await this.kill();
    await this.launch();
  }

  async close(): Promise<void> {
    await this.kill();
    await this.front.close();
  }

  private async launch(): Promise<void> {
    this.child = spawn(this.command, { shell: true, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    // Writes to an adapter that has ended fail at its next answer.
    this.child.stdin.on('error', () => undefined);
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.hello = (await this.readLine(STEP_TIMEOUT_MS)) as Hello;
  }

  private async readLine(timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The adapter is silent for ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      const line = await Promise.race([this.lines.next(), late]);
      if (line.done === true) throw new Error('The adapter has ended');
      return JSON.parse(line.value) as unknown;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The shell and its children are one process group. */
  private async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = once(this.child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await exited;
  }
}
