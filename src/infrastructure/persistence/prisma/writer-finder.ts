import type { PostgresHost } from '../../../config/postgres-hosts.js';

/** A search that found none is not repeated sooner: servers that start have better things to do. */
const REST_MS = 200;

/** Says that no host of the database URL takes writes at the moment. */
export class NoWriter extends Error {
  override readonly name = 'NoWriter';

  constructor(hosts: readonly PostgresHost[], reasons: readonly unknown[]) {
    const each = hosts.map(({ host, port }, i) => `${host}:${port} (${reasonOf(reasons[i])})`);
    super(`No host of the database URL takes writes: ${each.join(', ')}`);
  }
}

/**
 * Finds the host that takes writes, for all pools of a process. All hosts are asked at once, so that one that is
 * silent delays nobody; the answer holds until a connection says otherwise.
 */
export class WriterFinder {
  private known: PostgresHost | null = null;
  private searching: Promise<PostgresHost> | null = null;
  private failure: { readonly error: unknown; readonly restUntilMs: number } | null = null;

  /** @param ask ends within a bounded time. It fails unless the host takes writes. */
  constructor(
    readonly hosts: readonly PostgresHost[],
    private readonly ask: (host: PostgresHost) => Promise<void>,
  ) {}

  /** @throws NoWriter */
  async find(): Promise<PostgresHost> {
    if (this.known !== null) return this.known;
    if (this.failure !== null && performance.now() < this.failure.restUntilMs) throw this.failure.error;
    this.searching ??= this.search().finally(() => (this.searching = null));
    return this.searching;
  }

  /** Starts a search at the next connection. */
  forget(): void {
    this.known = null;
  }

  private async search(): Promise<PostgresHost> {
    try {
      this.known = await Promise.any(this.hosts.map((host) => this.ask(host).then(() => host)));
      return this.known;
    } catch (cause) {
      const error = new NoWriter(this.hosts, (cause as AggregateError).errors);
      this.failure = { error, restUntilMs: performance.now() + REST_MS };
      throw error;
    }
  }
}

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message || reason.name : String(reason);
}
