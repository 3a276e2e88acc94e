import { postJson } from '../../support/http.js';
import { event, type WireEvent } from '../../support/events.js';

export interface SentBatch {
  readonly events: readonly WireEvent[];
  /** undefined when the connection was lost or refused */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

export function batch(size: number): WireEvent[] {
  return Array.from({ length: size }, () => event());
}

/** Sends one batch and returns its outcome, a lost connection included. */
export async function sendBatch(url: string, events: readonly WireEvent[]): Promise<SentBatch> {
  const start = performance.now();
  const status = await postJson(`${url}/analytics/events`, { events }).then(
    (answer) => answer.status,
    () => undefined,
  );
  return { events, status, milliseconds: performance.now() - start };
}

/** Runs clients that send batch after batch until a connection is lost or refused. */
export class Load {
  readonly sent: SentBatch[] = [];
  private running = true;
  private readonly ended: Promise<unknown>;

  constructor(url: string, options: { readonly clients: number; readonly batchSize: number }) {
    this.ended = Promise.all(
      Array.from({ length: options.clients }, () => this.client(url, options.batchSize)),
    );
  }

  get answered(): number {
    return this.sent.filter(({ status }) => status !== undefined).length;
  }

  /** Waits for the last client and returns every sent batch. */
  async result(): Promise<readonly SentBatch[]> {
    await this.ended;
    return this.sent;
  }

  private async client(url: string, batchSize: number): Promise<void> {
    while (this.running) {
      const sent = await sendBatch(url, batch(batchSize));
      this.sent.push(sent);
      if (sent.status === undefined) this.running = false;
    }
  }
}

/** Returns the ids of all events in batches that were answered with 200. */
export function acceptedIds(sent: readonly SentBatch[]): string[] {
  return sent
    .filter(({ status }) => status === 200)
    .flatMap(({ events }) => events.map(({ eventId }) => eventId));
}
