import { waitFor } from './processes.js';

export interface StreamEvent {
  readonly name: string;
  /** Last id of the stream so far, as a client remembers it. */
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WatchOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A watcher of `GET /live` that reads all it is sent. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  comments = 0;
  retryMs: number | undefined;
  /** True once the service has ended the stream. */
  ended = false;
  private lastId = '';

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {}

  /** @throws Error when the answer is not a stream */
  static async open(url: string, { token, headers }: WatchOptions = {}): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(`${url}/live`, {
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      signal: abort.signal,
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    const stream = new EventStream(response, abort);
    void stream.read();
    return stream;
  }

  named(name: string): StreamEvent[] {
    return this.events.filter((event) => event.name === name);
  }

  /** Waits until an event of this name has such data, also one that came before. */
  async waitFor(
    name: string,
    accepts: (data: StreamEvent['data']) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<StreamEvent> {
    return waitFor(() => this.named(name).find(({ data }) => accepts(data)) ?? null, timeoutMs, {
      what: `an event "${name}" arrives; these did: ${JSON.stringify(this.events)}`,
    });
  }

  async waitForEnd(timeoutMs = 60_000): Promise<string | undefined> {
    await waitFor(() => this.ended, timeoutMs, { what: 'the stream ends' });
    const last = this.events.at(-1);
    return last?.name === 'end' ? String(last.data['reason']) : undefined;
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.parse(block);
      }
    } catch {
      // the stream was aborted, or the service is gone
    }
    this.ended = true;
  }

  private parse(block: string): void {
    let name = 'message';
    let data: string | undefined;
    for (const line of block.split('\n')) {
      const [field, value] = [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)];
      if (line.startsWith(':')) this.comments++;
      else if (field === 'retry') this.retryMs = Number(value);
      else if (field === 'id') this.lastId = value;
      else if (field === 'event') name = value;
      else if (field === 'data') data = value;
      else throw new Error(`This is no line of an event stream: ${JSON.stringify(line)}`);
    }
    if (data !== undefined)
      this.events.push({ name, id: this.lastId, data: JSON.parse(data) as StreamEvent['data'] });
  }
}
