import cluster, { type Cluster, type Worker } from 'node:cluster';
import { Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import type { LogLevel } from './config/variables/application.variables.js';
import { RestartPolicy, type RestartLimits } from './restart-policy.js';
import { WORKER_HANGS, WORKER_RESTARTS } from './shared/metrics/worker-restarts.js';
import { endsWithin } from './shared/utils/timeout.util.js';
import { isToPrimary, WorkerStartError, type ToPrimary, type ToWorker } from './worker-messages.js';
import { WorkerMetrics } from './worker-metrics.js';
import { SILENCE_LIMITS, WorkerWatch, type SilenceLimits } from './worker-watch.js';

const CRASH_WINDOW_MS = 300_000;
/** Bounds the wait for workers that were killed. */
const KILL_TIMEOUT_MS = 2_000;

/** Describes the end of a worker, or a fork that failed. */
interface WorkerEnd {
  /** Such as `Worker 3 (pid 4711) ended with SIGKILL`. */
  readonly what: string;
  readonly isClean: boolean;
  /** True when the worker has logged the reason itself. */
  readonly isLogged: boolean;
  /** False when the start of the service fails with it. */
  readonly isReplaced: boolean;
}

export interface SupervisorOptions {
  /** Workers that serve the port together. */
  readonly count: number;
  /** Level of the workers' logs, until it changes. */
  readonly level: LogLevel;
  /** Variables of the workers beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs when workers crash too often to be replaced. */
  readonly onGiveUp: () => void;
  readonly silence?: SilenceLimits;
  readonly processes?: Pick<Cluster, 'fork' | 'setupPrimary'>;
}

/**
 * Starts workers that serve one port, and replaces those that crash or hang, until it stops them all. Serves no request
 * and opens no store itself: docs/adr/0034.
 */
export class WorkerSupervisor {
  private readonly logger = new Logger('Workers');
  private readonly registry = new Registry();
  private readonly metrics = new WorkerMetrics(() => this.registry.getMetricsAsJSON());
  private readonly limits: RestartLimits;
  private readonly policy: RestartPolicy;
  private readonly restarts = new Set<NodeJS.Timeout>();
  private readonly exits = new Map<Worker, Promise<void>>();
  private readonly restartsTotal: Counter;
  private readonly hangsTotal: Counter;
  private readonly linked = new Set<Worker>();
  private readonly processes: Pick<Cluster, 'fork' | 'setupPrimary'>;
  private readonly watchOfSilence: WorkerWatch<Worker>;
  private level: LogLevel;
  private stopReason: string | null = null;
  private exitCode = 0;

  constructor(private readonly options: SupervisorOptions) {
    const { count, level, silence = SILENCE_LIMITS, processes = cluster } = options;
    this.level = level;
    this.processes = processes;
    this.limits = {
      workers: count,
      maxCrashes: Math.max(10, 3 * count),
      windowMs: CRASH_WINDOW_MS,
      minDelayMs: 100,
      maxDelayMs: 30_000,
    };
    this.policy = new RestartPolicy(this.limits);
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.restartsTotal = new Counter({ ...WORKER_RESTARTS, registers });
    this.hangsTotal = new Counter({ ...WORKER_HANGS, registers });
    const silenceSeconds = (silence.turnMs * silence.turns) / 1000;
    this.watchOfSilence = new WorkerWatch((worker) => this.killSilent(worker, silenceSeconds), silence);
  }

  /**
   * Starts one worker, and the others once it listens, so that a start that fails is told once.
   *
   * @returns the port
   * @throws WorkerStartError
   */
  async start(): Promise<number> {
    // Numbers that JSON does not know, such as NaN, are metrics too.
    this.processes.setupPrimary({ serialization: 'advanced' });
    const port = await this.startWorker();
    if (this.isStopping) return port;
    await Promise.all(Array.from({ length: this.options.count - 1 }, () => this.startWorker()));
    return port;
  }

  /** Changes the level of all workers, those included that are to come. */
  setLogLevel(level: LogLevel): void {
    this.level = level;
    for (const worker of this.linked) send(worker, { type: 'log-level', level });
  }

  /** Tells every worker to stop; the second time ends their grace period. */
  announceStop(reason: string): void {
    this.stopReason = reason;
    this.watchOfSilence.stop();
    for (const timer of this.restarts) clearTimeout(timer);
    for (const worker of this.linked) send(worker, { type: 'stop', reason });
  }

  /**
   * Waits until all workers have ended, and kills those that have not within the limit.
   *
   * @returns the exit code: 0 when every worker ended with 0
   */
  async ended(timeoutMs: number): Promise<number> {
    if (await endsWithin(this.allEnded(), timeoutMs)) return this.exitCode;
    this.logger.error(`${this.exits.size} worker(s) did not end within ${timeoutMs / 1000} s and are killed`);
    for (const worker of this.exits.keys()) worker.process.kill('SIGKILL');
    await endsWithin(this.allEnded(), KILL_TIMEOUT_MS);
    return 1;
  }

  private get isStopping(): boolean {
    return this.stopReason !== null;
  }

  private async allEnded(): Promise<void> {
    while (this.exits.size > 0) await Promise.all(this.exits.values());
  }

  /** @param isReplacement false for a worker without which the service has not started */
  private startWorker(isReplacement = false): Promise<number> {
    return new Promise((resolve, reject) => {
      let isReplaced = isReplacement;
      const fail = (end: Omit<WorkerEnd, 'isReplaced'>): void => {
        reject(new WorkerStartError(`${end.what} before it listened`));
        this.noteEnd({ ...end, isReplaced });
      };
      let worker: Worker;
      try {
        worker = this.processes.fork({ ...this.options.environment, LOG_LEVEL: this.level });
      } catch (error) {
        // Such as ENOMEM.
        fail({ what: `A worker could not be forked (${String(error)})`, isClean: false, isLogged: false });
        return;
      }
      worker.once('listening', ({ port }: { readonly port: number }) => {
        isReplaced = true;
        resolve(port);
      });
      this.watch(worker, fail);
    });
  }

  private watch(worker: Worker, onEnd: (end: Omit<WorkerEnd, 'isReplaced'>) => void): void {
    const { id, process: child } = worker;
    worker.on('message', (message: unknown) => {
      if (isToPrimary(message) && this.exits.has(worker)) this.handle(worker, message);
    });
    const exited = new Promise<void>((ended) => {
      const end = (what: string, isClean: boolean, isLogged: boolean): void => {
        if (!this.exits.delete(worker)) return;
        this.linked.delete(worker);
        this.watchOfSilence.forget(worker);
        this.metrics.end(id);
        onEnd({ what, isClean, isLogged });
        ended();
      };
      worker.on('error', (error) => {
        // A process that was never made (EAGAIN, EMFILE) has no exit.
        if (child.pid === undefined) end(`Worker ${id} could not be forked (${String(error)})`, false, false);
        // Such as a message to a worker that has just ended.
        else this.logger.debug(`Worker ${id}: ${String(error)}`);
      });
      worker.once('exit', (code: number | null, signal: string | null) => {
        const outcome = signal ?? String(code);
        end(`Worker ${id} (pid ${child.pid}) ended with ${outcome}`, code === 0, signal === null);
      });
    });
    this.exits.set(worker, exited);
  }

  private noteEnd({ what, isClean, isLogged, isReplaced }: WorkerEnd): void {
    if (this.isStopping || !isReplaced) {
      if (!isClean) this.exitCode = 1;
      if (!this.isStopping && !isLogged) this.logger.error(`${what} before it listened`);
      return;
    }
    const delayMs = this.policy.noteCrash();
    if (delayMs === null) {
      this.logger.error(
        `${what}. More than ${this.limits.maxCrashes} workers crashed within ` +
          `${CRASH_WINDOW_MS / 60_000} min: the service ends`,
      );
      this.exitCode = 1;
      this.options.onGiveUp();
      return;
    }
    this.logger.error(`${what}; another one starts in ${delayMs} ms`);
    const timer = setTimeout(() => {
      this.restarts.delete(timer);
      if (this.isStopping) return;
      this.restartsTotal.inc();
      // A start that fails has been noted as an end.
      this.startWorker(true).catch(() => undefined);
    }, delayMs);
    this.restarts.add(timer);
  }

  private handle(worker: Worker, message: ToPrimary): void {
    this.watchOfSilence.hear(worker);
    switch (message.type) {
      case 'linked':
        this.link(worker);
        return;
      case 'alive':
        return;
      case 'metrics':
        this.metrics.add(worker.id, message.id, message.metrics);
        return;
      case 'read-metrics':
        void this.answerMetrics(worker, message.id);
    }
  }

  /** Tells a worker what it missed: Node drops messages to a process that does not listen for them yet. */
  private link(worker: Worker): void {
    this.linked.add(worker);
    send(worker, { type: 'log-level', level: this.level });
    if (this.stopReason !== null) send(worker, { type: 'stop', reason: this.stopReason });
  }

  /** Replaces a worker that can neither serve nor end by itself. */
  private killSilent(worker: Worker, seconds: number): void {
    this.hangsTotal.inc();
    this.logger.error(
      `Worker ${worker.id} (pid ${worker.process.pid}) has said nothing for ${seconds} s: it hangs, and is killed`,
    );
    worker.process.kill('SIGKILL');
  }

  private async answerMetrics(reader: Worker, id: number): Promise<void> {
    const text = await this.metrics
      .read(
        [...this.exits.keys()].map((worker) => worker.id),
        (id, request) => {
          for (const worker of this.exits.keys())
            if (worker.id === id) send(worker, { type: 'report-metrics', id: request });
        },
      )
      .catch((error: unknown) => {
        this.logger.error('The metrics of the workers could not be added up', error);
        return null;
      });
    send(reader, { type: 'metrics-text', id, text });
  }
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.process.send(message, undefined, undefined, () => undefined);
}
