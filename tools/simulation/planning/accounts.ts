export interface AccountSwitch {
  readonly atMs: number;
  readonly userId: string;
}

/** The accounts that use a device one after the other; nobody is logged in before the login. */
export class Accounts {
  constructor(
    private readonly first: string | undefined,
    /** −∞ for a device that is logged in from the start, ∞ for one that never logs in. */
    readonly loginMs: number,
    private readonly second: AccountSwitch | undefined,
  ) {}

  userAt(ms: number): string | undefined {
    if (ms < this.loginMs) return undefined;
    return this.second !== undefined && ms >= this.second.atMs ? this.second.userId : this.first;
  }
}
