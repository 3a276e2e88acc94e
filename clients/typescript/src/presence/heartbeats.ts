import type { TokenHolder } from '../delivery/token-holder.js';
import type { HttpPoster } from '../delivery/http-poster.js';
import type { Platform } from '../ports/platform.js';
import { toSeconds } from '../queue/event-text.js';

const HEARTBEAT_PATH = '/presence/heartbeat';

export interface HeartbeatParts {
  readonly poster: HttpPoster;
  readonly platform: Platform;
  readonly intervalMs: number;
  readonly installId: string;
  readonly appVersion: string;
}

/** Reports every minute that a user has the app in the foreground. A heartbeat is neither queued nor repeated. */
export class Heartbeats {
  private tokens: TokenHolder | null = null;
  private foreground = false;
  private dueAtMs = -Infinity;
  private inFlight = false;
  private cancelTimer: () => void = () => undefined;

  constructor(private readonly our: HeartbeatParts) {}

  /** The first heartbeat of another user is due at once. */
  setUser(tokens: TokenHolder | null): void {
    if (tokens !== null && tokens.user.userId !== this.tokens?.user.userId) this.dueAtMs = -Infinity;
    this.tokens = tokens;
    this.schedule();
  }

  setForeground(foreground: boolean): void {
    this.foreground = foreground;
    this.schedule();
  }

  private schedule(): void {
    this.cancelTimer();
    if (!this.foreground || this.tokens === null || this.inFlight) return;
    const { clock, startTimer } = this.our.platform;
    const waitMs = this.dueAtMs - clock.monotonicMs();
    if (waitMs > 0) this.cancelTimer = startTimer(() => this.schedule(), waitMs);
    else void this.beat(this.tokens);
  }

  private async beat(tokens: TokenHolder): Promise<void> {
    const { clock } = this.our.platform;
    const { intervalMs } = this.our;
    const startedMs = clock.monotonicMs();
    this.inFlight = true;
    this.dueAtMs = startedMs + intervalMs;
    try {
      const retryAfterMs = await this.post(tokens);
      // The next heartbeats fall out, and the rhythm stays.
      this.dueAtMs = startedMs + intervalMs * Math.max(1, Math.ceil(retryAfterMs / intervalMs));
    } finally {
      this.inFlight = false;
      // A user who logged in meanwhile is due at once.
      if (this.tokens?.user.userId !== tokens.user.userId) this.dueAtMs = -Infinity;
      this.schedule();
    }
  }

  /** Returns the wait that the service demands. */
  private async post(tokens: TokenHolder): Promise<number> {
    const { poster, platform, installId, appVersion } = this.our;
    const token = await tokens.get().catch(() => null);
    if (token === null || this.tokens !== tokens || !this.foreground) return 0;
    const clientTs = toSeconds(platform.clock.wallMs());
    const answer = await poster.post(
      HEARTBEAT_PATH,
      JSON.stringify({ installId, appVersion, clientTs }),
      token,
    );
    // The next heartbeat needs a good token; this one is not repeated.
    if (answer.status === 401) await tokens.replace(token).catch(() => null);
    return answer.retryAfterMs ?? 0;
  }
}
