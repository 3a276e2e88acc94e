import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';

/** Streams of `GET /live` whose clients read and forget all they are sent. */
export class Watchers {
  private readonly agent = new Agent({ keepAlive: false });
  /** Chunks received so far, by all of them. */
  received = 0;
  ended = 0;

  /** Opens the streams, spread over the addresses, and waits until each has its first event. */
  static async open(urls: readonly string[], count: number, token: string): Promise<Watchers> {
    const watchers = new Watchers();
    await Promise.all(
      Array.from({ length: count }, (_, i) => watchers.openOne(urls[i % urls.length] ?? '', token)),
    );
    return watchers;
  }

  /** @throws Error when a stream has ended, because its cost would be missing */
  close(): void {
    const { ended } = this;
    this.agent.destroy();
    if (ended > 0) throw new Error(`${ended} watchers were disconnected during the measurement`);
  }

  private async openOne(url: string, token: string): Promise<void> {
    const outgoing = request(`${url}/live`, {
      agent: this.agent,
      headers: { authorization: `Bearer ${token}` },
    });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`GET /live answered ${response.statusCode}`);
    response.on('data', () => this.received++);
    response.on('error', () => undefined);
    response.once('close', () => this.ended++);
    await once(response, 'data');
  }
}
