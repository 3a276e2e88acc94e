import type { StartTimer } from '../ports/clock.js';
import type { UserSession } from '../user-session.js';
import { withTimeout } from './with-timeout.js';

/** Keeps the token of one user; however many requests are refused, it is refreshed once. */
export class TokenHolder {
  private current: string | null = null;
  private pending: Promise<string | null> | null = null;

  constructor(
    readonly user: UserSession,
    private readonly startTimer: StartTimer,
    private readonly timeoutMs: number,
  ) {}

  /** @returns null when the user has no token; rejects when the app cannot tell yet */
  async get(): Promise<string | null> {
    return this.current ?? (await this.ask(null));
  }

  /** Returns a token other than the refused one, or null. */
  async replace(refused: string): Promise<string | null> {
    if (this.current !== null && this.current !== refused) return this.current;
    const token = await this.ask(refused);
    return token === refused ? null : token;
  }

  private async ask(refused: string | null): Promise<string | null> {
    this.pending ??= this.load(refused).finally(() => (this.pending = null));
    return this.pending;
  }

  private async load(refused: string | null): Promise<string | null> {
    this.current = null;
    const token = await withTimeout(this.user.token(refused), this.timeoutMs, this.startTimer);
    this.current = token === refused ? null : token;
    return this.current;
  }
}
