import { gunzipSync } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import { VirtualDevice } from '../../../../clients/conformance/adapter/virtual-device.js';
import {
  AnalyticsClient,
  type ClientOptions,
  type ClientReport,
  type HttpRequest,
} from '../../../../clients/typescript/src/analytics-client.js';
import { nodePlatform } from '../../../../clients/typescript/src/node/node-platform.js';
import { MemoryStorage } from '../../../../clients/typescript/src/storage/memory-storage.js';

export interface Sent extends HttpRequest {
  readonly url: string;
  readonly json: { readonly sentAt: number; readonly events: readonly Record<string, unknown>[] };
}

interface Response {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter?: string;
}

type Respond = (sent: Sent) => Response | null;

export const accept: Respond = ({ json }) => ({
  status: 200,
  body: { accepted: json.events?.length ?? 0, duplicates: 0, failed: 0 },
});

/** A client on a device whose time the test moves, and a service that a function plays. */
export async function openClient(options: Partial<ClientOptions> = {}, storage = new MemoryStorage()) {
  const device = new VirtualDevice(Date.UTC(2025, 0, 15));
  const sent: Sent[] = [];
  const reports: ClientReport[] = [];
  const service = { respond: accept };
  const client = await AnalyticsClient.open({
    baseUrl: 'https://service.example/',
    appVersion: '2.4.0',
    platform: {
      ...nodePlatform('unused'),
      storage,
      clock: device.clock,
      startTimer: device.startTimer,
      random: () => 0,
      fetch: async (url, request) => {
        const text = typeof request.body === 'string' ? request.body : gunzipSync(request.body).toString();
        const each: Sent = { ...request, url, json: JSON.parse(text) as Sent['json'] };
        sent.push(each);
        const answer = service.respond(each);
        if (answer === null) throw new TypeError('no network');
        const type = answer.status === 200 ? 'application/json' : 'application/problem+json';
        return {
          status: answer.status,
          headers: {
            get: (name) => ({ 'content-type': type, 'retry-after': answer.retryAfter ?? null })[name] ?? null,
          },
          text: async () => JSON.stringify(answer.body),
        };
      },
      compress: async (text) => device.count(nodePlatform('unused').compress!(text)),
      newId: () => randomUUID(),
    },
    report: (report) => void reports.push(report),
    ...options,
  });
  return { client, device, sent, reports, service, storage };
}
