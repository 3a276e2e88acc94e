import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { START_ARGUMENTS, startBuilt, type Program } from '../../../test/support/service.js';
import type { ReplicaExit } from '../history/history.js';

const CLOCK_PRELOAD = new URL('clock-preload.mjs', import.meta.url);
const STARTED_AGAIN_AFTER_MS = 1_000;
/** The service bounds its own shutdown; what runs longer is killed and reported. */
const STOP_WITHIN_MS = 40_000;
const LISTENING = 'Listening on ';

export interface ReplicaOptions {
  readonly index: number;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** The built programs of its releases, of which it begins with the first. */
  readonly programs: readonly [string, ...string[]];
  readonly clockFile: string;
  readonly saveLog: (text: string) => void;
  readonly onExit: (exit: ReplicaExit) => void;
  readonly elapsedMs: () => number;
}

/** One replica of the built service. It is started again when it ends, as an orchestrator would do. */
export class Replica {
  readonly url: string;
  private program: Program | undefined;
  private asked: 'SIGTERM' | 'SIGKILL' | undefined;
  private staysDown = false;
  private release = 0;
  private readonly preloads: URL[] = [];
  private exit: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReplicaOptions) {
    this.url = `http://127.0.0.1:${String(options.port)}`;
    this.shiftClock(0);
  }

  get index(): number {
    return this.options.index;
  }

  /** Returns the process id; undefined before the first start. */
  get pid(): number | undefined {
    return this.program?.pid;
  }

  async start(): Promise<void> {
    this.asked = undefined;
    this.staysDown = false;
    const clock = new URL(CLOCK_PRELOAD);
    clock.searchParams.set('file', this.options.clockFile);
    const program = await startBuilt(
      this.options.programs[this.release] ?? this.options.programs[0],
      [],
      { ...this.options.settings, PORT: String(this.options.port) },
      [...START_ARGUMENTS, ...[clock, ...this.preloads].flatMap(({ href }) => ['--import', href])],
    );
    this.program = program;
    this.exit = program.exited.then((code) => this.handleExit(program, code));
  }

  /** Ends the replica without warning. It stays down until `start`. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the replica as an orchestrator does. It stays down until `start`. */
  async stop(): Promise<void> {
    const { program } = this;
    const tooLate = setTimeout(() => program?.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.end('SIGTERM');
    clearTimeout(tooLate);
  }

  freeze(): void {
    this.program?.kill('SIGSTOP');
  }

  resume(): void {
    this.program?.kill('SIGCONT');
  }

  /** Makes every later start load a module before the service. */
  preload(module: URL): void {
    this.preloads.push(module);
  }

  /** Makes the next start one of the other release. */
  changeRelease(): void {
    this.release = (this.release + 1) % this.options.programs.length;
  }

  /** Moves the wall clock of the replica, also of one that is started later. */
  shiftClock(ms: number): void {
    writeFileSync(this.options.clockFile, String(ms));
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.asked = signal;
    this.staysDown = true;
    this.resume();
    this.program?.kill(signal);
    await this.exit;
  }

  private async handleExit(program: Program, code: number | null): Promise<void> {
    const output = program.output();
    this.options.saveLog(output);
    this.options.onExit({
      atMs: this.options.elapsedMs(),
      replica: this.index,
      code,
      asked: this.asked ?? null,
      hadStarted: output.includes(LISTENING),
      lastLines: output.trimEnd().split('\n').slice(-5),
    });
    // Releases the directory of the program.
    await program.result().catch(() => undefined);
    if (this.staysDown) return;
    await delay(STARTED_AGAIN_AFTER_MS, undefined, { ref: false });
    // Another start or the end of the run may have come first.
    if (!this.isStayingDown() && this.program === program) await this.start();
  }

  private isStayingDown(): boolean {
    return this.staysDown;
  }
}
