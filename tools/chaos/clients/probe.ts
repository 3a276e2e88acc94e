import type { HttpSender } from '../../simulation/delivery/http-client.js';
import type { TokenIssuer } from '../../simulation/delivery/token-issuer.js';
import { SESSION_START } from '../../simulation/planning/device-plan.js';
import { Random } from '../../simulation/planning/random.js';

const EVERY_MS = 500;
/** Probes take turns as different installs, each far below the limit of an install. */
const INSTALLS = 8;
const IN_FLIGHT_AT_MOST = 40;
const DAY_SECONDS = 86_400;
/** Days that an event may have waited in a queue; one older than seven is rejected. */
const QUEUED_DAYS = 6;

/** Sends a session, one that waited for days, a heartbeat and a readiness request to one replica every half second. */
export class Probe {
  private readonly random: Random;
  private readonly installs: readonly { readonly installId: string; readonly userId: string }[];
  private readonly inFlight = new Set<Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  /** @param http sends to the probed replica alone */
  constructor(
    private readonly http: HttpSender,
    private readonly tokens: TokenIssuer,
    private readonly replica: number,
    labels: readonly string[],
    private readonly now: () => number,
  ) {
    this.random = Random.from(...labels, 'probe', replica);
    this.installs = Array.from({ length: INSTALLS }, (_, install) => ({
      installId: this.random.uuid(),
      userId: String(9_000_000_000 + this.random.integer(0, 99_999_999) * 100 + replica * INSTALLS + install),
    }));
  }

  start(): void {
    this.timer = setInterval(() => {
      this.probe();
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.inFlight);
  }

  private probe(): void {
    if (this.inFlight.size > IN_FLIGHT_AT_MOST) return;
    const install = this.installs[this.turn++ % INSTALLS];
    if (install === undefined) return;
    const { installId, userId } = install;
    const clientTs = this.now() / 1000;
    const common = {
      method: 'POST',
      token: this.tokens.forUser(userId),
      headers: { 'x-forwarded-for': `10.255.${String(this.replica)}.${String(this.turn % 250)}` },
    } as const;
    const event = { eventName: SESSION_START, installId, clientTs, eventId: this.random.uuid() };
    const queued = {
      ...{ ...event, installId: this.queuedInstall(), eventId: this.random.uuid() },
      clientTs: clientTs - this.random.integer(1, QUEUED_DAYS) * DAY_SECONDS,
    };
    const events = [{ ...event, properties: { os: 'Android' } }, queued];
    this.send({ ...common, path: '/analytics/events', body: JSON.stringify({ events, sentAt: clientTs }) });
    const beat = { installId, appVersion: '3.8.0', clientTs };
    this.send({ ...common, path: '/presence/heartbeat', body: JSON.stringify(beat) });
    this.send({ method: 'GET', path: '/health/ready' });
  }

  /** Returns one of some installs whose events come days late, so that figures over spans differ. */
  private queuedInstall(): string {
    return `queued-${String(this.replica)}-${String(this.random.integer(0, 99))}`;
  }

  private send(request: Parameters<HttpSender['send']>[0]): void {
    const sent = this.http.send(request).finally(() => this.inFlight.delete(sent));
    this.inFlight.add(sent);
  }
}
