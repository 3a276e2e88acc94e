import type { Delivery, StoredBefore } from '../delivery/delivery.js';
import { trueTimeMs } from '../delivery/request-bodies.js';
import type { BatchResponse } from '../delivery/responses.js';
import { SESSION_START, type DevicePlan, type PlannedBatch } from '../planning/device-plan.js';
import { identityOf } from '../planning/identity.js';
import { Actives, type Sighting } from './actives.js';
import { FaultLog } from './fault-log.js';
import { OnlineUsers } from './online-users.js';
import { shanghaiDay } from './shanghai-day.js';
import { SpanBook } from './span-book.js';

/** The clock error above which the service corrects event times by `sentAt`. */
const CORRECTED_ABOVE_MS = 300_000;

/** The simulator's own books: what it sent, what the service answered, and what must therefore be stored. */
export class Ledger {
  readonly batches = { due: 0, delivered: 0, undelivered: 0 };
  readonly events = { sent: 0, accepted: 0, duplicates: 0, failed: 0, unsent: 0 };
  readonly heartbeats = { due: 0, accepted: 0, undelivered: 0 };
  /** Counts each event of a delivered batch once. */
  distinctGood = 0;
  distinctBad = 0;
  /** Counts each event once for every response about it. */
  answeredGood = 0;
  answeredBad = 0;
  /** Counts good events that were certainly not stored before their response: each must be `accepted`. */
  certainlyAccepted = 0;
  /** Counts good events sent again after a complete response: each must be a `duplicate`. */
  repeatedGood = 0;
  repeatedDuplicates = 0;
  readonly actives = new Actives();
  readonly spans = new SpanBook();
  readonly onlineUsers = new OnlineUsers();
  readonly faults = new FaultLog();

  /** @param clockSlackMs the largest difference between the service's clock and this machine's */
  constructor(
    private readonly startedAtMs: number,
    private readonly clockSlackMs: number,
  ) {}

  /** Books one response to a batch and checks it against the batch. */
  recordBatchResponse(
    device: DevicePlan,
    batch: PlannedBatch,
    response: BatchResponse,
    storedBefore: StoredBefore,
  ): void {
    const bad = batch.events.flatMap((event, index) => (event.defect === undefined ? [] : [index]));
    const good = batch.events.length - bad.length;
    const { accepted, duplicates, failed } = response;
    this.events.accepted += accepted;
    this.events.duplicates += duplicates;
    this.events.failed += failed;
    this.answeredGood += good;
    this.answeredBad += bad.length;
    const sample = `device ${String(device.index)}: ${String(good)} good and ${String(bad.length)} bad events, answered ${String(accepted)} accepted, ${String(duplicates)} duplicates, ${String(failed)} failed`;
    if (accepted + duplicates !== good || failed !== bad.length) this.faults.record('sum', sample);
    if (storedBefore === 'nothing') {
      this.certainlyAccepted += good;
      if (duplicates !== 0) this.faults.record('duplicates', `${sample} (sent for the first time)`);
    }
    if (storedBefore === 'everything') {
      this.repeatedGood += good;
      this.repeatedDuplicates += duplicates;
      if (duplicates !== good || accepted !== 0)
        this.faults.record('duplicates', `${sample} (sent before, and answered)`);
    }
    this.checkRejectedEvents(device, batch, response, bad);
  }

  /** Books a batch once its delivery has ended. */
  recordBatch(device: DevicePlan, batch: PlannedBatch, delivery: Delivery): void {
    const bad = batch.events.filter((event) => event.defect !== undefined).length;
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

  /** Books a heartbeat once its delivery has ended; repeated attempts count once. */
  recordHeartbeat(userId: string, delivery: Delivery): void {
    this.heartbeats.due += 1;
    if (delivery.answered) this.heartbeats.accepted += 1;
    else this.heartbeats.undelivered += 1;
    this.onlineUsers.add(userId, delivery);
  }

  private checkRejectedEvents(
    device: DevicePlan,
    batch: PlannedBatch,
    { rejected }: BatchResponse,
    bad: readonly number[],
  ): void {
    const reported = rejected.map(({ index }) => index).sort((left, right) => left - right);
    const hasWrongId = rejected.some(
      ({ index, eventId }) => eventId !== undefined && eventId !== batch.events[index]?.eventId,
    );
    if (reported.join() === bad.join() && !hasWrongId) return;
    const reasons = rejected.map(({ index, code }) => `[${String(index)}] ${code}`).join(', ');
    this.faults.record(
      'index',
      `device ${String(device.index)}: bad [${bad.join()}], rejected ${reasons || 'none'}`,
    );
  }

  private recordActives(device: DevicePlan, batch: PlannedBatch, delivery: Delivery): void {
    const identity = identityOf(batch.userId, device.installId);
    const isCorrected = batch.includesSentAt && Math.abs(device.clockErrorMs) > CORRECTED_ABOVE_MS;
    for (const event of batch.events) {
      if (event.name !== SESSION_START || event.defect !== undefined) continue;
      const seen = { identity, province: event.place?.province, city: event.place?.city };
      const atMs = trueTimeMs(event, this.startedAtMs);
      if (!isCorrected) {
        this.addSighting({ ...seen, day: shanghaiDay(atMs + device.clockErrorMs) }, delivery.answered);
        continue;
      }
      // The service corrects by `sentAt` minus the time of arrival, so the latency counts as clock error.
      const earliest = shanghaiDay(atMs - this.clockSlackMs);
      const latest = shanghaiDay(atMs + delivery.longestAttemptMs + this.clockSlackMs);
      this.addSighting({ ...seen, day: earliest }, delivery.answered && earliest === latest);
      if (latest !== earliest) this.addSighting({ ...seen, day: latest }, false);
    }
  }

  private addSighting(sighting: Sighting, isCertain: boolean): void {
    this.actives.add(sighting, isCertain);
    this.spans.add(sighting, isCertain);
  }
}
