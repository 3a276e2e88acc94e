import type { Cluster, Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';

type Message = Readonly<Record<string, unknown>>;

/** A worker that does what a test says, instead of a process. */
export class FakeWorker extends EventEmitter {
  readonly sent: Message[] = [];
  readonly signals: string[] = [];
  readonly process: Message;

  constructor(
    readonly id: number,
    readonly environment: Readonly<Record<string, unknown>>,
    isForked: boolean,
  ) {
    super();
    this.process = {
      pid: isForked ? 1000 + id : undefined,
      send: (message: Message) => this.sent.push(message),
      kill: (signal: string) => this.signals.push(signal),
    };
  }

  isConnected(): boolean {
    return true;
  }

  /** Hears the primary process from then on. */
  link(): void {
    this.emit('message', { type: 'linked' });
  }

  listen(): void {
    this.emit('listening', { port: 3001 });
  }

  /** Ends with a code, or by a signal. */
  end(outcome: number | string): void {
    if (typeof outcome === 'number') this.emit('exit', outcome, null);
    else this.emit('exit', null, outcome);
  }
}

/** Forks fake workers, or fails as the system does. */
export class FakeCluster implements Pick<Cluster, 'fork' | 'setupPrimary'> {
  readonly workers: FakeWorker[] = [];
  /** Lets forks fail until it is null again: Node throws some errors and emits others. */
  failure: 'ENOMEM' | 'EAGAIN' | null = null;

  setupPrimary(): void {
    // nothing to prepare
  }

  fork(environment: Readonly<Record<string, unknown>> = {}): Worker {
    const { failure } = this;
    if (failure === 'ENOMEM') throw new Error('spawn ENOMEM');
    const worker = new FakeWorker(this.workers.length + 1, environment, failure === null);
    if (failure === 'EAGAIN') process.nextTick(() => worker.emit('error', new Error('spawn EAGAIN')));
    this.workers.push(worker);
    return worker as unknown as Worker;
  }

  /** The worker that was forked as the nth, from 1 on. */
  nth(n: number): FakeWorker {
    const worker = this.workers[n - 1];
    if (worker === undefined) throw new Error(`Only ${this.workers.length} worker(s) were forked`);
    return worker;
  }
}
