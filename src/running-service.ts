import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DASHBOARD_PATH } from './api/http/dashboard/serve-dashboard.js';
import { LISTEN_BACKLOG } from './api/http/server-adapter.js';
import { announceShutdown, createApp, startWork } from './bootstrap.js';
import type { ReadyConfiguration } from './config/configuration.js';
import type { AppLogger } from './logger.js';
import { endsWithin } from './shared/utils/timeout.util.js';

/** Share of the drain for requests in flight. */
const REQUESTS_TIMEOUT_MS = 3_000;
const SWEEP_INTERVAL_MS = 50;

/** The application of this process, from its assembly to its end. */
export class RunningService {
  private constructor(private readonly app: NestFastifyApplication) {}

  static async open(config: ReadyConfiguration, logger: AppLogger): Promise<RunningService> {
    return new RunningService(await createApp(config, logger));
  }

  /** @returns the port, which the system chooses where 0 is asked for */
  async listen(port: number, host: string): Promise<number> {
    await this.app.listen({ port, host, backlog: LISTEN_BACKLOG });
    const address = this.app.getHttpServer().address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Starts jobs, relay and consumer. */
  startWork(): void {
    startWork(this.app);
  }

  get hasPage(): boolean {
    return this.app.getHttpAdapter().getInstance().hasRoute({ method: 'GET', url: DASHBOARD_PATH });
  }

  /** Makes the readiness fail while everything is still served. */
  announceShutdown(): void {
    announceShutdown(this.app);
  }

  /** Refuses new requests, answers those in flight, then stops jobs, buffers and connections. */
  async close(): Promise<void> {
    // Closing ends connections that are idle at that moment. This sweep ends those that become idle later.
    const server = this.app.getHttpServer();
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, SWEEP_INTERVAL_MS);
    try {
      await endsWithin(this.app.getHttpAdapter().getInstance().close(), REQUESTS_TIMEOUT_MS);
    } finally {
      clearInterval(sweep);
      server.closeAllConnections();
      await this.app.close();
    }
  }
}
