import { DEFAULT_SETTINGS, type ClientSettings } from './client-settings.js';
import type { Report } from './client-report.js';
import { EventSender } from './delivery/event-sender.js';
import { HttpPoster } from './delivery/http-poster.js';
import { TokenHolder } from './delivery/token-holder.js';
import { withTimeout } from './delivery/with-timeout.js';
import type { Platform } from './ports/platform.js';
import { Heartbeats } from './presence/heartbeats.js';
import { SessionRule } from './presence/session-rule.js';
import { readClocks } from './queue/clock-change.js';
import { EventQueue, SESSION_START } from './queue/event-queue.js';
import { writeEvent, type EventProperties } from './queue/event-text.js';
import type { UserSession } from './user-session.js';

export type { ClientReport, Report } from './client-report.js';
export type { ClientSettings } from './client-settings.js';
export type { Clock, StartTimer } from './ports/clock.js';
export type { ClientStorage } from './ports/client-storage.js';
export type { Compress, Fetch, HttpRequest, HttpResponse } from './ports/http.js';
export type { Platform } from './ports/platform.js';
export type { EventProperties } from './queue/event-text.js';
export type { UserSession } from './user-session.js';

export interface ClientOptions {
  /** Origin of the service, such as `https://analytics.example.com`. */
  readonly baseUrl: string;
  /** Version of the app, at most 64 characters. */
  readonly appVersion: string;
  /** See `browserPlatform` and `nodePlatform`. */
  readonly platform: Platform;
  /** Id of this installation; by default a random UUID, made once and stored. */
  readonly installId?: string;
  /** Properties of every session start, such as `os`, `osVersion`, `province` and `city`. */
  readonly sessionProperties?: EventProperties;
  readonly settings?: Partial<ClientSettings>;
  readonly report?: Report;
}

const INSTALL_KEY = 'install';
const USER_ID = /^[1-9]\d{0,18}$/;
const MAX_USER_ID = '9223372036854775807';

/** Reports events and presence of one installation; docs/client-protocol.md states the rules it keeps. */
export class AnalyticsClient {
  private tokens: TokenHolder | null = null;
  /** The last user of this session: another one begins a session of his own. */
  private sessionUserId: string | null = null;
  private readonly session: SessionRule;

  private constructor(
    readonly installId: string,
    private readonly options: ClientOptions,
    private readonly settings: ClientSettings,
    private readonly queue: EventQueue,
    private readonly sender: EventSender,
    private readonly heartbeats: Heartbeats,
  ) {
    this.session = new SessionRule(options.platform.clock, settings.sessionGapMs);
  }

  /**
   * Reads the events of earlier runs.
   * @throws RangeError when the service would reject a session start with these options
   * @throws what the storage throws when it cannot be read
   */
  static async open(options: ClientOptions): Promise<AnalyticsClient> {
    const { platform, appVersion } = options;
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const report = shield(options.report);
    const records = await platform.storage.load();
    const installId = options.installId ?? records.get(INSTALL_KEY) ?? platform.newId();
    writeEvent({
      ...{ eventId: installId, eventName: SESSION_START, installId, userId: null, wallMs: 0 },
      properties: { appVersion, ...options.sessionProperties },
    });
    if (records.get(INSTALL_KEY) !== installId) await platform.storage.save(INSTALL_KEY, installId);

    const queue = new EventQueue(platform.storage, settings, report);
    await queue.restore(records);
    const baseUrl = options.baseUrl.replace(/\/+$/, '');
    const poster = new HttpPoster(platform, { ...settings, baseUrl });
    const tokens = (): TokenHolder | null => client.tokens;
    const sender = new EventSender({ queue, poster, platform, settings, report, tokens });
    const heartbeats = new Heartbeats({
      ...{ poster, platform, installId, appVersion },
      intervalMs: settings.heartbeatMs,
    });
    const client: AnalyticsClient = new AnalyticsClient(
      ...([installId, options, settings, queue, sender, heartbeats] as const),
    );
    sender.schedule();
    return client;
  }

  /** Number of events that are not confirmed. */
  get queuedEvents(): number {
    return this.queue.size;
  }

  /**
   * Records an event. Resolves when it is stored on the device; sending follows by itself.
   * @throws RangeError when the service would reject the event
   */
  async track(eventName: string, properties?: EventProperties): Promise<void> {
    const { clock, newId } = this.options.platform;
    const stamp = readClocks(clock);
    const facts = { eventId: newId(), eventName, userId: this.tokens?.user.userId ?? null };
    const { installId } = this;
    const text = writeEvent({ ...facts, installId, wallMs: stamp.wallMs, properties });
    const stored = this.queue.add(facts, text, stamp);
    this.sender.schedule();
    await stored;
  }

  /** Takes a user; events from now on are hers. @throws RangeError for an id that the service would reject */
  login(user: UserSession): void {
    const { userId, token } = user;
    if (!USER_ID.test(userId) || (userId.length === MAX_USER_ID.length && userId > MAX_USER_ID)) {
      throw new RangeError(`userId must be a decimal string from 1 to ${MAX_USER_ID}, it is "${userId}"`);
    }
    const { platform } = this.options;
    const another = this.sessionUserId !== null && this.sessionUserId !== userId;
    this.sessionUserId = userId;
    this.setTokens(new TokenHolder({ userId, token }, platform.startTimer, this.settings.answerTimeoutMs));
    if (another && this.session.isForeground) this.startSession();
  }

  /** Sends the queue under the user's token, for a few seconds at most, and then forgets the user. */
  async logout(): Promise<void> {
    const leaving = this.tokens;
    if (leaving === null) return;
    const { startTimer } = this.options.platform;
    await withTimeout(this.flush(), this.settings.logoutFlushMs, startTimer).catch(() => undefined);
    if (this.tokens === leaving) this.setTokens(null);
  }

  /** Call it when the app is launched or comes to the foreground. */
  enterForeground(): void {
    if (this.session.enter()) this.startSession();
    this.heartbeats.setForeground(true);
    this.sender.retryNow();
  }

  /** Call it when the app leaves the foreground. Resolves when the queue was sent, or an attempt failed. */
  async enterBackground(): Promise<void> {
    this.session.leave();
    this.heartbeats.setForeground(false);
    await this.sender.flush({ outlivesPage: true });
  }

  /** Sends all events. Resolves when they are confirmed, or when an attempt failed. */
  async flush(): Promise<void> {
    await this.sender.flush({ outlivesPage: false });
  }

  /** Call it when the network is back. */
  networkIsBack(): void {
    this.sender.retryNow();
  }

  /** Ends heartbeats and sending; the queue stays stored. */
  close(): void {
    this.heartbeats.setForeground(false);
    this.sender.close();
  }

  private startSession(): void {
    this.sessionUserId = this.tokens?.user.userId ?? null;
    const { appVersion, sessionProperties } = this.options;
    void this.track(SESSION_START, { appVersion, ...sessionProperties });
  }

  private setTokens(tokens: TokenHolder | null): void {
    this.tokens = tokens;
    this.heartbeats.setUser(tokens);
    this.sender.schedule();
  }
}

/** A report that throws must not stop the client. */
function shield(report: Report | undefined): Report {
  return (each) => {
    try {
      report?.(each);
    } catch {
      // The app's own mistake; there is nobody else to tell.
    }
  };
}
