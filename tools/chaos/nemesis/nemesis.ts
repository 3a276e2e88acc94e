import { pause } from '../../simulation/delivery/pause.js';
import { groupBy } from '../checkers/group-by.js';
import type { AppliedFault } from '../history/history.js';
import type { FaultKind } from '../plan/fault-kinds.js';
import type { PlannedFault } from '../plan/fault-plan.js';
import type { FaultAction, FaultTargets, Heal } from './fault-action.js';
import { KAFKA_FAULTS } from './kafka-faults.js';
import { LINK_FAULTS } from './link-faults.js';
import { POOLER_FAULTS } from './pooler-faults.js';
import { POSTGRES_PROCESS_FAULTS } from './postgres-process-faults.js';
import { POSTGRES_SESSION_FAULTS } from './postgres-session-faults.js';
import { REDIS_FAULTS } from './redis-faults.js';
import { REPLICA_FAULTS } from './replica-faults.js';
import { STANDBY_FAULTS } from './standby-faults.js';

/** The action of every kind. */
export const ACTIONS: Readonly<Record<FaultKind, FaultAction>> = {
  ...REPLICA_FAULTS,
  ...POSTGRES_PROCESS_FAULTS,
  ...POSTGRES_SESSION_FAULTS,
  ...STANDBY_FAULTS,
  ...POOLER_FAULTS,
  ...REDIS_FAULTS,
  ...KAFKA_FAULTS,
  ...LINK_FAULTS,
};
/** The calm at the end of a plan has room for a last round that is so late. */
const LATE_BY_MS = 3_000;
const HEAL_ATTEMPTS = 10;
const HEAL_AGAIN_AFTER_MS = 500;

export interface NemesisOptions {
  readonly elapsedMs: () => number;
  /** Heals every fault at once and begins no other. */
  readonly stop: AbortSignal;
  readonly onFault: (fault: AppliedFault) => void;
}

/** Applies the faults of a plan on time and heals them. */
export class Nemesis {
  private readonly running = new Map<number, PlannedFault>();

  constructor(
    private readonly stage: FaultTargets,
    private readonly options: NemesisOptions,
  ) {}

  /** Returns the faults that act at this moment. */
  get active(): readonly PlannedFault[] {
    return [...this.running.values()];
  }

  /**
   * Resolves when every fault is healed. A long heal, such as that of a lost primary, delays the rounds after it;
   * those that would end after the plan are left out, but for the end of a rolling upgrade.
   */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const lastMs = endOf(plan);
    let lateMs = 0;
    for (const round of groupBy(plan, ({ round: number }) => number).values()) {
      const isUpgrade = round.every(({ kind }) => kind === 'replica.upgrade');
      if (endOf(round) + lateMs > lastMs + LATE_BY_MS && !isUpgrade) continue;
      const delayMs = lateMs;
      await Promise.all(round.map((fault) => this.runFault(fault, fault.startMs + delayMs)));
      lateMs = Math.max(0, this.options.elapsedMs() - endOf(round));
    }
  }

  private async runFault(fault: PlannedFault, startMs: number): Promise<void> {
    const { stop, elapsedMs, onFault } = this.options;
    await pause(startMs - elapsedMs(), stop);
    if (stop.aborted) return;
    this.running.set(fault.id, fault);
    const errors: unknown[] = [];
    const appliedMs = elapsedMs();
    const heal = await this.begin(fault).catch((error: unknown) => void errors.push(error));
    await pause(appliedMs + fault.durationMs - elapsedMs(), stop);
    if (heal !== undefined) await healAtLast(heal).catch((error: unknown) => void errors.push(error));
    this.running.delete(fault.id);
    onFault({
      ...fault,
      appliedMs,
      healedMs: elapsedMs(),
      ...(errors.length > 0 && { error: errors.map(String).join('; ') }),
    });
  }

  private async begin({ kind, replica = 0, durationMs }: PlannedFault): Promise<Heal> {
    return ACTIONS[kind]({ stage: this.stage, replica, durationMs });
  }
}

function endOf(faults: readonly PlannedFault[]): number {
  return Math.max(0, ...faults.map(({ startMs, durationMs }) => startMs + durationMs));
}

/** Heals a fault, also while another one is in the way. @throws the error of the last attempt */
async function healAtLast(heal: Heal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await heal();
      return;
    } catch (error) {
      if (attempt === HEAL_ATTEMPTS) throw error;
      await pause(HEAL_AGAIN_AFTER_MS);
    }
  }
}
