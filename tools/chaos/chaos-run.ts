import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { HttpClient, type HttpSender } from '../simulation/delivery/http-client.js';
import { pause } from '../simulation/delivery/pause.js';
import { TokenIssuer } from '../simulation/delivery/token-issuer.js';
import { planDevice } from '../simulation/planning/device-planner.js';
import { Random } from '../simulation/planning/random.js';
import { ProgressLine, type Output } from '../simulation/reporting/progress-line.js';
import { describeCrowd } from '../simulation/reporting/report.js';
import type { Check } from '../simulation/verification/check.js';
import { DashboardClient } from '../simulation/verification/dashboard-client.js';
import { deliveryChecks } from '../simulation/verification/delivery-checks.js';
import { noteSkipped } from '../support/skipped.mjs';
import { checkHistory } from './checkers/check-history.js';
import { Crowd } from './clients/crowd.js';
import { IdentityService } from './clients/identity-service.js';
import { Probe } from './clients/probe.js';
import { RecordingSender } from './clients/recording-sender.js';
import { waitUntilServing } from './clients/wait-until-serving.js';
import type { FinalState, History } from './history/history.js';
import { HistoryFile } from './history/history-file.js';
import { Recorder } from './history/recorder.js';
import { Nemesis } from './nemesis/nemesis.js';
import { readFinalState } from './observation/final-state.js';
import { readLogVolume } from './observation/log-volume.js';
import { MachineWatch } from './observation/machine-watch.js';
import { MemoryWatch } from './observation/memory-watch.js';
import { OutboxWatch } from './observation/outbox-watch.js';
import type { ChaosOptions } from './options.js';
import type { PlannedFault } from './plan/fault-plan.js';
import { describeStores } from './plan/stores.js';
import { planRun, type PlannedRun } from './plan-run.js';
import { brokenReportOf, reportOf, saveReport, verdictOf } from './report/run-report.js';
import { commandOf, renderChecks } from './report/verdict.js';
import type { Sabotage } from './sabotage/sabotage.js';
import { Stage } from './stage/stage.js';

export interface ChaosEnvironment {
  /** Returns the wall clock in milliseconds. */
  readonly now: () => number;
  readonly output: Output;
  /** The commit of the service that is built; null where there is no repository. */
  readonly commit: string | null;
  /** Aborts on Ctrl-C: everything that was started is ended. */
  readonly stop: AbortSignal;
  /** Breaks promises on purpose, to prove the checkers. */
  readonly sabotage?: Sabotage;
}

const DRAIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;
const TOKENS_VALID_MS = 24 * 3_600_000;
const CONNECTIONS = 1_024;
const LOSS = 0.06;
const ADMIN_ROLE = 'admin';
/** The stores are empty at first, so the identities of a seed may be the same in every run. */
const PLAN_ID = 'chaos';
const SILENT: Output = { isTTY: false, write: () => undefined };

/** Names the check that does not hold when a run ends with an error. */
export const BROKEN_RUN = 'the run comes to its end';

export interface RunOutcome {
  readonly exitCode: number;
  readonly checks: readonly Check[];
  readonly historyPath: string;
}

/**
 * Runs the load with its faults, writes the history and prints the verdict.
 *
 * @throws UsageError when no fault is possible
 */
export async function runPlan(wanted: ChaosOptions, environment: ChaosEnvironment): Promise<RunOutcome> {
  const { output, now, stop, commit } = environment;
  const { options, missing } = planRun(wanted);
  const { stores } = options;
  missing.forEach(noteSkipped);
  const runId = new Date(now()).toISOString().replace(/[-:.TZ]/g, '');
  const directory = resolve(options.directory, `${options.seed.replaceAll(/\W/g, '_')}-${runId}`);
  mkdirSync(directory, { recursive: true });
  const historyPath = join(directory, 'history.jsonl.gz');
  const file = new HistoryFile(historyPath);
  const recorder = new Recorder(file);
  const run = new ChaosRun(options, environment, directory, recorder);
  output.write(`seed ${options.seed}, run ${runId}; history in ${relative('.', directory)}\n`);
  output.write(`stores: ${describeStores(stores)}\n${missing.map((reason) => `${reason}\n`).join('')}`);
  try {
    const { checks, report } = await run.execute().then(
      ({ checks: found, history }) => ({ checks: found, report: reportOf(history, found, stores) }),
      (error: unknown) => {
        const found = [brokenRun(error)];
        return { checks: found, report: brokenReportOf(options, recorder, found) };
      },
    );
    file.write({ line: 'verdict', verdict: checks });
    // An interrupted run proves nothing, so it has no report.
    if (!stop.aborted)
      saveReport(historyPath, {
        ...{ ...report, commit },
        command: wanted.plan === undefined ? commandOf(options) : null,
      });
    output.write(renderChecks(checks, options.isQuiet));
    if (environment.sabotage === undefined) noteOpen(checks);
    const holds = verdictOf(checks) !== 'wrong';
    if (!holds) output.write(`again: npm run chaos -- --replay ${relative('.', historyPath)}\n`);
    return { exitCode: stop.aborted ? 130 : holds ? 0 : 1, checks, historyPath };
  } finally {
    await file.close();
  }
}

function noteOpen(checks: readonly Check[]): void {
  for (const { verdict, name } of checks) if (verdict === 'open') noteSkipped(`${name} (not decided)`);
}

/** A service that does not answer once the faults are over breaks a run, too. */
function brokenRun(error: unknown): Check {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { verdict: 'wrong', name: BROKEN_RUN, detail, samples: [] };
}

interface ReplicaClient {
  readonly index: number;
  readonly http: HttpSender;
}

class ChaosRun {
  private startedMs = performance.now();
  private readonly elapsedMs = (): number => performance.now() - this.startedMs;

  constructor(
    private readonly options: PlannedRun['options'],
    private readonly environment: ChaosEnvironment,
    private readonly directory: string,
    private readonly recorder: Recorder,
  ) {}

  async execute(): Promise<{ readonly checks: readonly Check[]; readonly history: History }> {
    const { plan, ...options } = this.options;
    const { seed, durationMs, replicas, stores } = options;
    this.recorder.write({ line: 'run', seed, replicas, loadMs: durationMs, options });
    this.recorder.write({ line: 'plan', plan });
    const stage = await Stage.start({
      stores,
      replicas,
      runDirectory: this.directory,
      onExit: this.recorder.addExit,
      elapsedMs: this.elapsedMs,
    });
    const clients = stage.replicas.map(({ index, url }) => ({
      index,
      http: new HttpClient(new URL(url), CONNECTIONS, REQUEST_TIMEOUT_MS),
    }));
    let load: { readonly crowd: Crowd; readonly final: FinalState };
    try {
      await waitUntilServing(clients);
      load = await this.load(stage, plan, clients.map(this.sabotageClient));
    } finally {
      for (const { http } of clients) http.close();
      // The replicas end by SIGTERM here, so the logs and exits are complete afterwards.
      await stage.stop();
    }
    const history = this.recorder.complete({
      seed,
      replicas,
      loadMs: durationMs,
      plan,
      delivery: deliveryChecks(load.crowd.ledger, this.environment.stop.aborted),
      logs: stage.replicas.map(({ index }) => readLogVolume(index, this.logFile(index))),
      final: load.final,
    });
    return { checks: checkHistory(history), history };
  }

  private async load(
    stage: Stage,
    plan: readonly PlannedFault[],
    clients: readonly ReplicaClient[],
  ): Promise<{ readonly crowd: Crowd; readonly final: FinalState }> {
    const { seed, durationMs, speed, devices, calmMs } = this.options;
    const { now, output, stop } = this.environment;
    const tokens = new TokenIssuer(stage.secrets.jwtSecret, now(), TOKENS_VALID_MS);
    const record = this.recorder.addOperation;
    const recording = { elapsedMs: this.elapsedMs, now, record };
    const context = { seed, runId: PLAN_ID, durationMs, speed, loss: LOSS };
    const plans = Array.from({ length: devices }, (_, index) => planDevice(context, index));
    if (this.options.isQuiet !== true)
      output.write(`${describeCrowd(plans)}\n${String(plan.length)} faults\n`);
    const { sabotage } = this.environment;
    const sabotaged = { stage, recorder: this.recorder, directory: this.directory };
    await sabotage?.begin?.(sabotaged);
    this.startedMs = performance.now();
    const crowd = new Crowd(plans, new RecordingSender(clients, { ...recording, client: 'device' }), tokens, {
      ...context,
      drainMs: DRAIN_MS,
      startedAtMs: now(),
      now,
      stop,
    });
    const nemesis = new Nemesis(stage, { elapsedMs: this.elapsedMs, stop, onFault: this.recorder.addFault });
    const probes = clients.map((client) => {
      const sender = new RecordingSender([client], { ...recording, client: 'probe' });
      return new Probe(sender, tokens, client.index, [seed], now);
    });
    const outbox = new OutboxWatch(stage.postgres, this.elapsedMs, this.recorder.addOutboxSample);
    const identity = new IdentityService(stage.kafka.brokers, now, this.recorder.addAccount);
    const machine = new MachineWatch({
      elapsedMs: this.elapsedMs,
      record: this.recorder.addMachineSample,
      pids: () => stage.replicas.map(({ pid }) => pid),
      directory: this.directory,
    });
    const memory = new MemoryWatch(stage.replicas, this.elapsedMs, this.recorder.addMemorySample);
    const progress = new ProgressLine(
      this.options.isQuiet === true ? SILENT : output,
      crowd.ledger,
      crowd.metrics,
      () => nemesis.active.map(({ kind }) => kind).join(' + '),
    );
    const parts = [progress, machine, memory, outbox, identity, ...probes];
    for (const part of parts) part.start();
    try {
      await Promise.all([crowd.run(), nemesis.run(plan)]);
      await pause(durationMs + calmMs - this.elapsedMs(), stop);
    } finally {
      for (const part of parts.reverse()) await part.stop();
    }
    await sabotage?.afterLoad?.(sabotaged);
    const random = Random.from(seed, 'dashboard');
    const http = new RecordingSender(clients, { ...recording, client: 'device' });
    const token = tokens.forAdmin(ADMIN_ROLE);
    const final = await readFinalState(stage, {
      dashboard: new DashboardClient(http, token, random, now),
      ...{ http, token, accounts: this.recorder.accounts, elapsedMs: this.elapsedMs },
    });
    return { crowd, final };
  }

  private readonly sabotageClient = ({ index, http }: ReplicaClient): ReplicaClient => ({
    index,
    http: this.environment.sabotage?.wrap?.(http, index) ?? http,
  });

  private logFile(replica: number): string {
    return join(this.directory, `replica-${String(replica)}.log`);
  }
}
