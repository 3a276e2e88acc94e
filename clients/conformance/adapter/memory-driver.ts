import type { AnalyticsClient } from '../../typescript/src/analytics-client.js';
import type { Fetch } from '../../typescript/src/ports/http.js';
import type { Driver } from '../drivers/driver.js';
import type { Ack, Hello, Step } from '../protocol.js';
import type { ScriptedServer } from '../server/scripted-server.js';
import { ReferenceApp, type Alter } from './reference-app.js';

/** Plays the steps on the reference client in this process, without a network. */
export class MemoryDriver implements Driver {
  readonly hello: Hello = { protocol: 1, time: 'virtual' };
  readonly url = 'http://kit';
  private app: ReferenceApp;

  constructor(
    private readonly server: ScriptedServer,
    private readonly alter?: Alter,
    private readonly afterOpen?: (client: AnalyticsClient) => void,
  ) {
    this.app = this.makeApp();
  }

  async send(step: Step): Promise<Ack> {
    return this.app.play(step);
  }

  /** A dropped app does nothing more: nobody moves its clock. */
  async crash(): Promise<void> {
    this.app = this.makeApp();
  }

  async close(): Promise<void> {
    await this.crash();
  }

  private makeApp(): ReferenceApp {
    return new ReferenceApp(fetchFrom(this.server), this.alter, this.afterOpen);
  }
}

function fetchFrom(server: ScriptedServer): Fetch {
  return async (url, { headers, body, signal }) => {
    const answer = await server.receive({ path: url, headers, body: Buffer.from(body) }, signal);
    if (answer === null) throw new TypeError('The connection was cut');
    return {
      status: answer.status,
      headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
      text: async () => answer.body,
    };
  };
}
