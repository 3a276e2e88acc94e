import { UsageError } from '../../../src/cli/support/usage-error.js';
import { Random } from '../../simulation/planning/random.js';
import { ALL_KINDS, hitsOneReplica, rulesOf, type FaultKind } from './fault-kinds.js';
import { requireKinds } from './only-kinds.js';
import type { Store } from './stores.js';

/** One fault; times are milliseconds since the start of the load. */
export interface PlannedFault {
  readonly id: number;
  /** Faults of one round overlap; between two rounds everything is healed and may recover. */
  readonly round: number;
  readonly kind: FaultKind;
  /** The replica that is hit; absent when the fault hits a shared store. */
  readonly replica?: number;
  readonly startMs: number;
  readonly durationMs: number;
}

export interface PlanRequest {
  readonly seed: string;
  readonly durationMs: number;
  readonly replicas: number;
  /** The variants of the stores; default: none. */
  readonly stores?: readonly Store[];
  /** The most faults of a round; default: 3. */
  readonly atOnce?: number;
  /** Default: every kind. Kinds that the stores cannot have are left out. */
  readonly kinds?: readonly FaultKind[];
}

const FIRST_ROUND_MS = 6_000;
/** The calm after a round: the bound of 10 s for the recovery, and time to see it hold. */
const CALM_MS = [13_000, 16_000] as const;
const STARTS_WITHIN_MS = 2_000;
const AT_ONCE = 3;
const ALONE = 1 / 3;
/** A replica drains and starts before the next one of a rolling upgrade ends. */
const UPGRADE_EVERY_MS = 8_000;
const UPGRADE_MS = 1_000;
const FAULTS_OF_A_ROUND = [
  { weight: 55, faults: 1 },
  { weight: 30, faults: 2 },
  { weight: 15, faults: 3 },
] as const;

/**
 * Plans the faults of a run. Equal arguments give equal plans.
 *
 * @throws UsageError when no fault is possible, because of the stores or because the load is too short
 */
export function planFaults(request: PlanRequest): readonly PlannedFault[] {
  const random = Random.from(request.seed, 'faults');
  const deck = new Deck(
    random,
    requireKinds(request.stores ?? [], request.kinds ?? ALL_KINDS),
    (request.atOnce ?? AT_ONCE) > AT_ONCE,
  );
  const upgrades = (request.stores ?? []).includes('release') ? request.replicas : 0;
  const endMs = request.durationMs - upgrades * UPGRADE_EVERY_MS - (upgrades > 0 ? CALM_MS[1] : 0);
  const plan: PlannedFault[] = [];
  let startMs = FIRST_ROUND_MS;
  for (let round = 0; ; round += 1) {
    const faults = planRound(random, deck, request, { round, startMs, nextId: plan.length });
    const healedMs = Math.max(...faults.map((fault) => fault.startMs + fault.durationMs));
    const nextMs = healedMs + random.between(...CALM_MS);
    if (nextMs > endMs)
      return requireFaults(
        upgrades > 0 ? [...plan, ...planLastUpgrade(plan, { round, startMs, upgrades })] : plan,
        request,
      );
    plan.push(...faults);
    startMs = nextMs;
  }
}

function requireFaults(
  plan: readonly PlannedFault[],
  { seed, durationMs }: PlanRequest,
): readonly PlannedFault[] {
  if (plan.length > 0) return plan;
  throw new UsageError(
    `--minutes must have room for a round of faults and its calm, the ${String(durationMs / 60_000)} of seed ${seed} have none: give 1 or more`,
  );
}

/** Ends a rolling upgrade: every replica that begins as the last release, or went back to it, becomes this one. */
function planLastUpgrade(
  plan: readonly PlannedFault[],
  { round, startMs, upgrades }: { round: number; startMs: number; upgrades: number },
): PlannedFault[] {
  const isOld = (replica: number): boolean =>
    plan.filter((fault) => fault.kind === 'replica.upgrade' && fault.replica === replica).length % 2 === 0;
  return Array.from({ length: upgrades }, (_, replica) => replica)
    .filter(isOld)
    .map((replica, n) => ({
      id: plan.length + n,
      round,
      kind: 'replica.upgrade',
      replica,
      startMs: Math.round(startMs + n * UPGRADE_EVERY_MS),
      durationMs: UPGRADE_MS,
    }));
}

function planRound(
  random: Random,
  deck: Deck,
  { replicas, stores = [], atOnce = AT_ONCE }: PlanRequest,
  { round, startMs, nextId }: { round: number; startMs: number; nextId: number },
): PlannedFault[] {
  const faults: PlannedFault[] = [];
  const hit = new Set<string>();
  for (let rest = countFaults(random, atOnce); rest > 0; rest -= 1) {
    const first = random.integer(0, replicas - 1);
    // Another replica takes the fault when this part of the first one is hit already.
    const order = Array.from({ length: replicas }, (_, turn) => (first + turn) % replicas);
    const spared = (kind: FaultKind): number | undefined =>
      order.find((replica) => !hit.has(partOf(kind, replica, stores)));
    const kind = deck.draw((candidate) => spared(candidate) !== undefined);
    const replica = kind && spared(kind);
    if (kind === undefined || replica === undefined) break;
    hit.add(partOf(kind, replica, stores));
    const [low, high] = rulesOf(kind).seconds;
    faults.push({
      id: nextId + faults.length,
      round,
      kind,
      ...(hitsOneReplica(kind, stores) && { replica }),
      startMs: Math.round(startMs + (faults.length === 0 ? 0 : random.between(0, STARTS_WITHIN_MS))),
      durationMs: Math.round(random.between(low, high) * 1000),
    });
  }
  return faults;
}

function countFaults(random: Random, atOnce: number): number {
  if (atOnce <= AT_ONCE)
    return random.weighted(FAULTS_OF_A_ROUND.filter(({ faults }) => faults <= atOnce)).faults;
  return random.chance(ALONE) ? 1 : random.integer(2, atOnce);
}

/** Names the part of the stage that a fault occupies for a round. */
function partOf(kind: FaultKind, replica: number, stores: readonly Store[]): string {
  const { target } = rulesOf(kind);
  return hitsOneReplica(kind, stores) ? `${target} ${String(replica)}` : target;
}

/** Deals every kind once before it deals one again; a dense plan repeats kinds of the parts that are left. */
class Deck {
  private cards: FaultKind[] = [];

  constructor(
    private readonly random: Random,
    private readonly kinds: readonly FaultKind[],
    private readonly isDense: boolean,
  ) {}

  /** @returns undefined when no remaining kind fits */
  draw(fits: (kind: FaultKind) => boolean): FaultKind | undefined {
    if (this.cards.length === 0) this.cards = this.shuffle();
    if (this.isDense && !this.cards.some(fits)) this.cards.push(...this.shuffle());
    const at = this.cards.findIndex(fits);
    return at < 0 ? undefined : this.cards.splice(at, 1)[0];
  }

  private shuffle(): FaultKind[] {
    return this.kinds
      .map((kind) => ({ kind, order: this.random.next() }))
      .sort((left, right) => left.order - right.order)
      .map(({ kind }) => kind);
  }
}
