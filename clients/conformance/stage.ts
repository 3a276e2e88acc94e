import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver, MakeDriver } from './drivers/driver.js';
import type { Dropped, Step } from './protocol.js';
import type { RuleId } from './rules.js';
import type { Arrival, ArrivedEvent } from './server/arrival.js';
import type { Reply } from './server/reply.js';
import { ScriptedServer } from './server/scripted-server.js';

export interface Finding {
  readonly rule: RuleId;
  readonly text: string;
}

/** 2025-01-15 10:30 UTC. */
const START_MS = Date.UTC(2025, 0, 15, 10, 30);
const SETTLE_LIMIT_MS = 20_000;
/** An adapter that does not count its requests has so long to act. */
const QUIET_MS = 250;

export const RESET: Reply = { kind: 'reset' };
export const HELD: Reply = { kind: 'held' };
export const SECOND = 1_000;
export const MINUTE = 60_000;

/** One scenario in play: the scripted server, the client, and the clock of both. */
export class Stage {
  readonly findings: Finding[] = [];
  readonly dropped: Dropped[] = [];
  readonly server: ScriptedServer;
  private driver!: Driver;
  private virtualMs = START_MS;
  private offsetMs = 0;
  private tracked = 0;

  private constructor(private readonly directory: string) {
    this.server = new ScriptedServer({ nowMs: () => this.nowMs, deviceMs: () => this.deviceMs });
  }

  static async open(makeDriver: MakeDriver, directory: string): Promise<Stage> {
    const stage = new Stage(directory);
    stage.driver = await makeDriver(stage.server);
    return stage;
  }

  get nowMs(): number {
    return this.driver.hello.time === 'virtual' ? this.virtualMs : Date.now();
  }

  get deviceMs(): number {
    return this.nowMs + this.offsetMs;
  }

  get lacks(): readonly string[] {
    return this.driver.hello.lacks ?? [];
  }

  get batches(): readonly Arrival[] {
    return this.server.arrivals.filter(({ route }) => route === 'events');
  }

  get heartbeats(): readonly Arrival[] {
    return this.server.arrivals.filter(({ route }) => route === 'heartbeat');
  }

  async start(options: { readonly maxQueuedEvents?: number } = {}): Promise<void> {
    const { directory } = this;
    await this.play({ step: 'start', url: this.driver.url, directory, nowMs: this.deviceMs, ...options });
  }

  /** Tracks events and returns their numbers. */
  async track(count = 1, filler?: string): Promise<number[]> {
    const numbers: number[] = [];
    for (let left = count; left > 0; left -= 1) {
      this.tracked += 1;
      const properties = { n: this.tracked, ...(filler !== undefined && { filler }) };
      numbers.push(this.tracked);
      await this.send({ step: 'track', name: 'page_view', properties });
    }
    await this.settle();
    return numbers;
  }

  async login(userId: string): Promise<void> {
    await this.play({ step: 'login', userId });
  }

  async logout(): Promise<void> {
    await this.play({ step: 'logout' });
  }

  async foreground(): Promise<void> {
    await this.play({ step: 'foreground' });
  }

  async background(): Promise<void> {
    await this.play({ step: 'background' });
  }

  async setClock(byMs: number): Promise<void> {
    this.offsetMs += byMs;
    await this.play({ step: 'setClock', byMs });
  }

  async crashAndStart(): Promise<void> {
    await this.driver.crash();
    await this.start();
  }

  /** Lets time pass in small parts, so that answers come between them. */
  async advance(ms: number, partMs = SECOND): Promise<void> {
    for (let left = ms; left > 0; left -= partMs) {
      const part = Math.min(left, partMs);
      this.virtualMs += part;
      await this.play({ step: 'advance', ms: part });
    }
  }

  /** Lets time pass until a condition holds, at most so long. */
  async advanceUntil(holds: () => boolean, limitMs: number): Promise<void> {
    for (let left = limitMs; left > 0 && !holds(); left -= SECOND) await this.advance(SECOND);
  }

  /** Lets time pass until all the events are confirmed, at most so long. */
  async advanceUntilConfirmed(numbers: readonly number[], limitMs: number): Promise<void> {
    await this.advanceUntil(() => this.missing(numbers).length === 0, limitMs);
  }

  /** Returns the events that no 200 has confirmed. */
  missing(numbers: readonly number[]): number[] {
    const confirmed = new Set(
      this.batches
        .filter(({ confirmedMs }) => confirmedMs !== null)
        .flatMap(({ events, mismatched }) => events.filter(({ eventId }) => !mismatched.includes(eventId)))
        .map(({ n }) => n),
    );
    return numbers.filter((number) => !confirmed.has(number));
  }

  /** Returns each arrival of an event. */
  arrivalsOf(number: number): { readonly arrival: Arrival; readonly event: ArrivedEvent }[] {
    return this.batches.flatMap((arrival) =>
      arrival.events.filter(({ n }) => n === number).map((event) => ({ arrival, event })),
    );
  }

  find(rule: RuleId, text: string): void {
    this.findings.push({ rule, text });
  }

  /** Records the events that no 200 has confirmed. */
  expectConfirmed(rule: RuleId, numbers: readonly number[], when: string): void {
    const missing = this.missing(numbers);
    if (missing.length > 0)
      this.find(rule, `${missing.length} of ${numbers.length} events were not confirmed ${when}`);
  }

  /** Records a finding unless the condition holds. */
  expect(rule: RuleId, holds: boolean, text: string): void {
    if (!holds) this.find(rule, text);
  }

  async close(): Promise<void> {
    await this.driver.close();
  }

  private async play(step: Step): Promise<void> {
    await this.send(step);
    await this.settle();
  }

  private async send(step: Step): Promise<number | undefined> {
    const { inFlight, dropped = [] } = await this.driver.send(step);
    this.dropped.push(...dropped);
    return inFlight;
  }

  /** Waits until the client waits for time, or for an answer that the server holds back on purpose. */
  private async settle(): Promise<void> {
    const endMs = performance.now() + SETTLE_LIMIT_MS;
    while (performance.now() < endMs) {
      const inFlight = await this.send({ step: 'settle' });
      if (inFlight === undefined) return sleep(QUIET_MS);
      if (inFlight === this.server.heldRequests) return;
      await sleep(1);
    }
    throw new Error(
      'The client does not come to rest: it counts other requests in flight than the server holds',
    );
  }
}
