import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  AnalyticsClient,
  type ClientOptions,
  type ClientReport,
} from '../../typescript/src/analytics-client.js';
import type { Fetch } from '../../typescript/src/ports/http.js';
import type { Platform } from '../../typescript/src/ports/platform.js';
import { FileStorage } from '../../typescript/src/node/file-storage.js';
import type { Ack, Dropped, Step } from '../protocol.js';
import { VirtualDevice } from './virtual-device.js';

const compress = promisify(gzip);

/** Changes the options of the client before it is opened; tests make bad clients with it. */
export type Alter = (options: ClientOptions) => ClientOptions;

/** An app with the reference client, played by steps. */
export class ReferenceApp {
  private device = new VirtualDevice(0);
  private inFlight = 0;
  private dropped: Dropped[] = [];
  private client: AnalyticsClient | null = null;
  private url = '';
  private tokenFetch: Fetch = (url, request) => this.send(url, request);

  constructor(
    private readonly fetch: Fetch,
    private readonly alter: Alter = (options) => options,
    private readonly afterOpen: (client: AnalyticsClient) => void = () => undefined,
  ) {}

  async play(step: Step): Promise<Ack> {
    if (step.step === 'start') await this.start(step);
    else await this.act(step, this.opened());
    await this.device.idle();
    const { inFlight, dropped } = this;
    this.dropped = [];
    return { ok: true, inFlight, dropped };
  }

  private async start({ url, directory, nowMs, maxQueuedEvents }: Step & { step: 'start' }): Promise<void> {
    this.url = url;
    this.device = new VirtualDevice(nowMs);
    const options = this.alter({
      baseUrl: url,
      appVersion: '1.0.0',
      platform: this.makePlatform(directory),
      settings: maxQueuedEvents === undefined ? {} : { maxQueuedEvents },
      report: (report) => this.note(report),
    });
    const client = await AnalyticsClient.open(options);
    this.client = client;
    this.tokenFetch = options.platform.fetch;
    this.afterOpen(client);
  }

  private async act(step: Exclude<Step, { step: 'start' }>, client: AnalyticsClient): Promise<void> {
    switch (step.step) {
      case 'track':
        await client.track(step.name, step.properties);
        return;
      case 'login':
        client.login({ userId: step.userId, token: () => this.requestToken(step.userId) });
        return;
      case 'logout':
        void client.logout();
        return;
      case 'foreground':
        client.enterForeground();
        return;
      case 'background':
        void client.enterBackground();
        return;
      case 'advance':
        await this.device.advance(step.ms);
        return;
      case 'setClock':
        this.device.setClock(step.byMs);
        return;
      case 'settle':
    }
  }

  private makePlatform(directory: string): Platform {
    const { device } = this;
    const file = new FileStorage(join(directory, 'queue.jsonl'));
    return {
      clock: device.clock,
      startTimer: device.startTimer,
      random: () => Math.random(),
      newId: () => randomUUID(),
      fetch: (url, request) => this.send(url, request),
      compress: (text) => device.count(compress(text).then((bytes) => new Uint8Array(bytes))),
      storage: {
        load: () => device.count(file.load()),
        save: (key, text) => device.count(file.save(key, text)),
        remove: (keys) => device.count(file.remove(keys)),
      },
    };
  }

  /** Counts the request until its body has been read. */
  private async send(...[url, request]: Parameters<Fetch>): ReturnType<Fetch> {
    this.inFlight += 1;
    try {
      const response = await this.fetch(url, request);
      const text = await response.text();
      return { status: response.status, headers: response.headers, text: async () => text };
    } finally {
      this.inFlight -= 1;
    }
  }

  private async requestToken(userId: string): Promise<string> {
    const response = await this.tokenFetch(`${this.url}/kit/token?userId=${userId}`, {
      method: 'POST',
      headers: {},
      body: '',
      signal: new AbortController().signal,
      keepalive: false,
      redirect: 'manual',
    });
    return (JSON.parse(await response.text()) as { token: string }).token;
  }

  private note(report: ClientReport): void {
    if (report.kind === 'event_rejected') this.dropped.push({ eventId: report.eventId, reason: report.code });
    if (report.kind === 'event_evicted') this.dropped.push({ eventId: report.eventId, reason: report.kind });
  }

  private opened(): AnalyticsClient {
    if (this.client === null) throw new Error('The first step must be start');
    return this.client;
  }
}
