import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HttpClient } from '../simulation/delivery/http-client.js';
import { pause } from '../simulation/delivery/pause.js';
import { TokenIssuer } from '../simulation/delivery/token-issuer.js';
import { planDevice } from '../simulation/planning/device-planner.js';
import { Random } from '../simulation/planning/random.js';
import { ProgressLine, type Output } from '../simulation/reporting/progress-line.js';
import { describeCrowd } from '../simulation/reporting/report.js';
import type { Check } from '../simulation/verification/check.js';
import { DashboardClient } from '../simulation/verification/dashboard-client.js';
import { deliveryChecks } from '../simulation/verification/delivery-checks.js';
import { checkHistory } from './checkers/check-history.js';
import { Crowd } from './clients/crowd.js';
import { IdentityService } from './clients/identity-service.js';
import { Probe } from './clients/probe.js';
import { RecordingSender } from './clients/recording-sender.js';
import { waitUntilServing } from './clients/wait-until-serving.js';
import type { FinalState } from './history/history.js';
import { HistoryFile } from './history/history-file.js';
import { Recorder } from './history/recorder.js';
import { Nemesis } from './nemesis/nemesis.js';
import { readFinalState } from './observation/final-state.js';
import { readLogVolume } from './observation/log-volume.js';
import { MachineWatch } from './observation/machine-watch.js';
import { OutboxWatch } from './observation/outbox-watch.js';
import type { ChaosOptions } from './options.js';
import { planFaults } from './plan/fault-plan.js';
import { describeStores } from './plan/stores.js';
import { commandOf, renderChecks } from './report/verdict.js';
import { limitToMachine } from './stage/abilities.js';
import { Stage } from './stage/stage.js';

export interface ChaosEnvironment {
  /** Returns the wall clock in milliseconds. */
  readonly now: () => number;
  readonly output: Output;
  /** Aborts on Ctrl-C: everything that was started is ended. */
  readonly stop: AbortSignal;
}

const DRAIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;
const TOKENS_VALID_MS = 24 * 3_600_000;
const CONNECTIONS = 1_024;
const LOSS = 0.06;
const ADMIN_ROLE = 'admin';
/** The stores are empty at first, so the identities of a seed may be the same in every run. */
const PLAN_ID = 'chaos';

/** Runs the load with its faults and returns the exit code. */
export async function runChaos(wanted: ChaosOptions, environment: ChaosEnvironment): Promise<number> {
  const { output, now, stop } = environment;
  const { stores, missing } = limitToMachine(wanted.stores);
  const options = { ...wanted, stores };
  const runId = new Date(now()).toISOString().replace(/[-:.TZ]/g, '');
  const directory = resolve(options.directory, `${options.seed.replaceAll(/\W/g, '_')}-${runId}`);
  mkdirSync(directory, { recursive: true });
  const file = new HistoryFile(join(directory, 'history.jsonl.gz'));
  const run = new ChaosRun(options, environment, directory, new Recorder(file));
  output.write(`seed ${options.seed}, run ${runId}; history in ${directory}\n`);
  output.write(`stores: ${describeStores(stores)}\n${missing.map((reason) => `${reason}\n`).join('')}`);
  try {
    const checks = await run.execute();
    file.write({ line: 'verdict', verdict: checks });
    output.write(renderChecks(checks));
    const holds = checks.every(({ verdict }) => verdict !== 'wrong');
    if (!holds) output.write(`again: ${commandOf(options)}\n`);
    return stop.aborted ? 130 : holds ? 0 : 1;
  } finally {
    await file.close();
  }
}

class ChaosRun {
  private startedMs = performance.now();
  private readonly elapsedMs = (): number => performance.now() - this.startedMs;

  constructor(
    private readonly options: ChaosOptions,
    private readonly environment: ChaosEnvironment,
    private readonly directory: string,
    private readonly recorder: Recorder,
  ) {}

  async execute(): Promise<readonly Check[]> {
    const { seed, durationMs, replicas, stores } = this.options;
    const plan = planFaults(this.options);
    this.recorder.write({ line: 'run', seed, replicas, loadMs: durationMs });
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
      load = await this.load(stage, plan, clients);
    } finally {
      for (const { http } of clients) http.close();
      // The replicas end by SIGTERM here, so the logs and exits are complete afterwards.
      await stage.stop();
    }
    const history = this.recorder.complete({
      seed,
      replicas,
      loadMs: durationMs,
      logs: stage.replicas.map(({ index }) => readLogVolume(index, this.logFile(index))),
      final: load.final,
    });
    return [...deliveryChecks(load.crowd.ledger, this.environment.stop.aborted), ...checkHistory(history)];
  }

  private async load(
    stage: Stage,
    plan: ReturnType<typeof planFaults>,
    clients: readonly { readonly index: number; readonly http: HttpClient }[],
  ): Promise<{ readonly crowd: Crowd; readonly final: FinalState }> {
    const { seed, durationMs, speed, devices, calmMs } = this.options;
    const { now, output, stop } = this.environment;
    const tokens = new TokenIssuer(stage.secrets.jwtSecret, now(), TOKENS_VALID_MS);
    const record = this.recorder.addOperation;
    const recording = { elapsedMs: this.elapsedMs, now, record };
    const context = { seed, runId: PLAN_ID, durationMs, speed, loss: LOSS };
    const plans = Array.from({ length: devices }, (_, index) => planDevice(context, index));
    output.write(`${describeCrowd(plans)}\n${String(plan.length)} faults\n`);
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
    const machine = new MachineWatch(this.elapsedMs, this.recorder.addMachineSample);
    const progress = new ProgressLine(output, crowd.ledger, crowd.metrics, () =>
      nemesis.active.map(({ kind }) => kind).join(' + '),
    );
    const parts = [progress, machine, outbox, identity, ...probes];
    for (const part of parts) part.start();
    try {
      await Promise.all([crowd.run(), nemesis.run(plan)]);
      await pause(durationMs + calmMs - this.elapsedMs(), stop);
    } finally {
      for (const part of parts.reverse()) await part.stop();
    }
    const random = Random.from(seed, 'dashboard');
    const dashboard = new DashboardClient(
      new RecordingSender(clients, { ...recording, client: 'device' }),
      tokens.forAdmin(ADMIN_ROLE),
      random,
      now,
    );
    return { crowd, final: await readFinalState(stage, dashboard, this.recorder.accounts, this.elapsedMs) };
  }

  private logFile(replica: number): string {
    return join(this.directory, `replica-${String(replica)}.log`);
  }
}
