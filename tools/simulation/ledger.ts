import { Actives, type Range } from './actives.js';
import type { BatchAnswer } from './answers.js';
import { identityOf, SESSION_START, type DevicePlan, type PlannedBatch } from './plan.js';
import { shanghaiDay } from './shanghai-day.js';
import { trueTimeMs } from './wire.js';

/** What the service may have stored of a message before an attempt. */
export type StoredBefore = 'nothing' | 'unknown' | 'everything';

/** How the delivery of one message ended. */
export interface Delivery {
  /** At least one 2xx answer was read to its end. */
  readonly answered: boolean;
  /** At least one attempt may have reached the service. */
  readonly mayHaveArrived: boolean;
  /** On the monotonic clock: the last moment at which the service may have handled an attempt. */
  readonly lastEndedMs: number;
  /** When the latest answered attempt was sent, on the monotonic clock. */
  readonly answeredSentMs: number;
  readonly longestAttemptMs: number;
}

export type FaultKind = 'sum' | 'duplicates' | 'index' | 'contract' | 'refused';

/** Beyond 5 minutes of error the service corrects event times by `sentAt`; see the plan's clock errors. */
const CORRECTED_FROM_MS = 300_000;
/** A heartbeat without an answer may be handled somewhat later than the client gave up. */
const LATE_HANDLING_MS = 5_000;
const SAMPLES_KEPT = 3;

/** The simulator's own books: what it sent, what it was told, and what must therefore be stored. */
export class Ledger {
  readonly batches = { due: 0, delivered: 0, undelivered: 0 };
  readonly events = { sent: 0, accepted: 0, duplicates: 0, failed: 0, unsent: 0 };
  /** Good events of delivered batches, each once. */
  distinctGood = 0;
  distinctBad = 0;
  /** Good and bad events, once for each answer that spoke of them. */
  answeredGood = 0;
  answeredBad = 0;
  /** Good events whose first answer cannot have followed an unseen success: they must be `accepted`. */
  acceptedForCertain = 0;
  /** Good events sent again after a whole answer: they must be `duplicates`. */
  repeatedGood = 0;
  repeatedDuplicates = 0;
  readonly heartbeats = { due: 0, accepted: 0, undelivered: 0 };
  readonly actives = new Actives();
  private readonly faults = new Map<FaultKind, { count: number; samples: string[] }>();
  private readonly presence = new Map<string, { certainMs: number; possibleMs: number }>();

  /** `clockSlackMs`: by how much the service's clock may differ from this machine's. */
  constructor(
    private readonly startedAtMs: number,
    private readonly clockSlackMs: number,
  ) {}

  recordBatchAnswer(
    device: DevicePlan,
    batch: PlannedBatch,
    answer: BatchAnswer,
    before: StoredBefore,
  ): void {
    const bad = batch.events.flatMap((event, index) => (event.spoiled === undefined ? [] : [index]));
    const good = batch.events.length - bad.length;
    const { accepted, duplicates, failed } = answer;
    this.events.accepted += accepted;
    this.events.duplicates += duplicates;
    this.events.failed += failed;
    this.answeredGood += good;
    this.answeredBad += bad.length;
    const told = `device ${String(device.index)}: ${String(good)} good and ${String(bad.length)} bad events, answered ${String(accepted)} accepted, ${String(duplicates)} duplicates, ${String(failed)} failed`;
    if (accepted + duplicates !== good || failed !== bad.length) this.fault('sum', told);
    if (before === 'nothing') {
      this.acceptedForCertain += good;
      if (duplicates !== 0) this.fault('duplicates', `${told} (sent for the first time)`);
    }
    if (before === 'everything') {
      this.repeatedGood += good;
      this.repeatedDuplicates += duplicates;
      if (duplicates !== good || accepted !== 0)
        this.fault('duplicates', `${told} (sent before, and answered)`);
    }
    const reported = answer.rejected.map(({ index }) => index).sort((left, right) => left - right);
    const misnamed = answer.rejected.filter(
      ({ index, eventId }) => eventId !== undefined && eventId !== batch.events[index]?.eventId,
    );
    if (reported.join() !== bad.join() || misnamed.length > 0) {
      const reasons = answer.rejected.map(({ index, code }) => `[${String(index)}] ${code}`).join(', ');
      this.fault(
        'index',
        `device ${String(device.index)}: bad [${bad.join()}], rejected ${reasons || 'none'}`,
      );
    }
  }

  recordBatch(device: DevicePlan, batch: PlannedBatch, delivery: Delivery): void {
    const bad = batch.events.filter((event) => event.spoiled !== undefined).length;
    this.batches.due += 1;
    if (delivery.answered) {
      this.batches.delivered += 1;
      this.distinctGood += batch.events.length - bad;
      this.distinctBad += bad;
    } else {
      this.batches.undelivered += 1;
      this.events.unsent += batch.events.length;
    }
    if (delivery.answered || delivery.mayHaveArrived) this.recordActives(device, batch, delivery);
  }

  /** A heartbeat counts for the user however often it was sent. */
  recordHeartbeat(userId: string, delivery: Delivery): void {
    this.heartbeats.due += 1;
    if (delivery.answered) this.heartbeats.accepted += 1;
    else this.heartbeats.undelivered += 1;
    if (!delivery.answered && !delivery.mayHaveArrived) return;
    const seen = this.presence.get(userId) ?? { certainMs: -Infinity, possibleMs: -Infinity };
    const possibleMs = delivery.lastEndedMs + (delivery.answered ? 0 : LATE_HANDLING_MS);
    this.presence.set(userId, {
      certainMs: Math.max(seen.certainMs, delivery.answered ? delivery.answeredSentMs : -Infinity),
      possibleMs: Math.max(seen.possibleMs, possibleMs),
    });
  }

  /**
   * Own users in a window of `windowMs`, for a question asked and answered at these monotonic times. Whole
   * seconds on the service's side blur the window's edge by `slackMs`.
   */
  online(askedMs: number, answeredMs: number, windowMs: number, slackMs = 1_500): Range {
    let low = 0;
    let high = 0;
    for (const { certainMs, possibleMs } of this.presence.values()) {
      if (certainMs > answeredMs - windowMs + slackMs) low += 1;
      if (possibleMs > askedMs - windowMs - slackMs) high += 1;
    }
    return { low, high };
  }

  fault(kind: FaultKind, sample: string): void {
    const seen = this.faults.get(kind) ?? { count: 0, samples: [] };
    this.faults.set(kind, seen);
    seen.count += 1;
    if (seen.samples.length < SAMPLES_KEPT) seen.samples.push(sample);
  }

  faultsOf(...kinds: readonly FaultKind[]): { count: number; samples: readonly string[] } {
    const found = kinds.flatMap((kind) => this.faults.get(kind) ?? []);
    return {
      count: found.reduce((sum, { count }) => sum + count, 0),
      samples: found.flatMap(({ samples }) => samples),
    };
  }

  private recordActives(device: DevicePlan, batch: PlannedBatch, delivery: Delivery): void {
    const identity = identityOf(batch.userId, device.installId);
    const corrected = batch.tellsSentAt && Math.abs(device.clockErrorMs) > CORRECTED_FROM_MS;
    for (const event of batch.events) {
      if (event.name !== SESSION_START || event.spoiled !== undefined) continue;
      const seen = { identity, province: event.place?.province, city: event.place?.city };
      const atMs = trueTimeMs(event, this.startedAtMs);
      if (!corrected) {
        this.actives.add({ ...seen, day: shanghaiDay(atMs + device.clockErrorMs) }, delivery.answered);
        continue;
      }
      // Corrected by the difference to the moment of arrival, so the way there counts as the clock's error.
      const earliest = shanghaiDay(atMs - this.clockSlackMs);
      const latest = shanghaiDay(atMs + delivery.longestAttemptMs + this.clockSlackMs);
      this.actives.add({ ...seen, day: earliest }, delivery.answered && earliest === latest);
      if (latest !== earliest) this.actives.add({ ...seen, day: latest }, false);
    }
  }
}
