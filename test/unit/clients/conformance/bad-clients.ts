import { randomUUID } from 'node:crypto';
import type { Alter } from '../../../../clients/conformance/adapter/reference-app.js';
import type { RuleId } from '../../../../clients/conformance/rules.js';
import type { AnalyticsClient, ClientSettings } from '../../../../clients/typescript/src/analytics-client.js';
import type { Fetch, HttpRequest, HttpResponse } from '../../../../clients/typescript/src/ports/http.js';
import { MemoryStorage } from '../../../../clients/typescript/src/storage/memory-storage.js';

/** A client with one mistake. */
export interface BadClient {
  readonly breaks: RuleId;
  readonly mistake: string;
  /** Returns a changed client for one scenario. */
  readonly alter?: () => Alter;
  readonly afterOpen?: (client: AnalyticsClient) => void;
}

interface Body {
  sentAt: number;
  events: (Record<string, unknown> & { eventId: string; clientTs: number; userId?: string })[];
}

/** Parts that a mistake replaces, which an app cannot reach. */
interface Inside {
  readonly sender: { flush: () => Promise<void>; fixTimes: () => Promise<void> };
  readonly heartbeats: { setForeground: (foreground: boolean) => void };
  readonly queue: { chooseEvicted: () => unknown; values(): Iterable<unknown> };
}

function insideOf(client: AnalyticsClient): Inside {
  return client as unknown as Inside;
}

const VERDICTS = { duplicates: 0, failed: 0 };
const HEARTBEAT = '/presence/heartbeat';

function withSettings(settings: Partial<ClientSettings>): () => Alter {
  return () => (options) => ({ ...options, settings: { ...options.settings, ...settings } });
}

/** Wraps the network of the client. */
function withFetch(wrap: (fetch: Fetch) => Fetch): () => Alter {
  return () => (options) => {
    const { platform } = options;
    return { ...options, platform: { ...platform, compress: null, fetch: wrap(platform.fetch) } };
  };
}

const isBatch = (url: string): boolean => url.endsWith('/analytics/events');

/** Changes the batches on their way to the service. */
function withBatches(change: (body: Body, request: HttpRequest) => Body): () => Alter {
  return withFetch((fetch) => (url, request) => {
    if (!isBatch(url)) return fetch(url, request);
    const body = change(JSON.parse(request.body as string) as Body, request);
    return fetch(url, { ...request, body: JSON.stringify(body) });
  });
}

/** Changes the answers to batches on their way back. */
function withAnswers(
  change: (response: HttpResponse, text: string, sent: number) => HttpResponse,
): () => Alter {
  return withFetch((fetch) => async (url, request) => {
    const response = await fetch(url, request);
    if (!isBatch(url)) return response;
    return change(
      response,
      await response.text(),
      (JSON.parse(request.body as string) as Body).events.length,
    );
  });
}

function answerWith(response: HttpResponse, status: number, body: unknown): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: response.headers, text: async () => text };
}

const confirmed = (response: HttpResponse, sent: number): HttpResponse =>
  answerWith(response, 200, { accepted: sent, ...VERDICTS });

export const BAD_CLIENTS: readonly BadClient[] = [
  {
    breaks: 'R1',
    mistake: 'makes the eventId at each attempt',
    alter: withBatches((body) => ({
      ...body,
      events: body.events.map((event) => ({ ...event, eventId: randomUUID() })),
    })),
  },
  {
    breaks: 'R2',
    mistake: 'keeps its queue in memory',
    alter: () => (options) => ({
      ...options,
      platform: { ...options.platform, storage: new MemoryStorage() },
    }),
  },
  {
    breaks: 'R3',
    mistake: 'moves the time of an event at each attempt',
    alter: () => {
      let attempts = 0;
      return withBatches((body) => {
        attempts += 1;
        return {
          ...body,
          events: body.events.map((event) => ({ ...event, clientTs: event.clientTs + attempts / 1000 })),
        };
      })();
    },
  },
  {
    breaks: 'R4',
    mistake: 'stores sentAt with the batch',
    alter: () => {
      const times = new Map<string, number>();
      return withBatches((body) => {
        const key = body.events[0]?.eventId ?? '';
        times.set(key, times.get(key) ?? body.sentAt);
        return { ...body, sentAt: times.get(key) ?? 0 };
      })();
    },
  },
  {
    breaks: 'R5',
    mistake: 'sends the whole queue in one request',
    alter: withSettings({ maxBatchEvents: 100_000, maxBatchBytes: 100_000_000 }),
  },
  { breaks: 'R6', mistake: 'sends each event alone', alter: withSettings({ sendAtEvents: 1 }) },
  {
    breaks: 'R6',
    mistake: 'waits ten minutes for more events',
    alter: withSettings({ sendAfterMs: 90_000 }),
  },
  {
    breaks: 'R7',
    mistake: 'sends a confirmed batch once more',
    alter: () => (options) => {
      const { platform } = options;
      const fetch: Fetch = async (url, request) => {
        const response = await platform.fetch(url, request);
        const again = (): void => {
          const body = JSON.parse(request.body as string) as Body;
          const sentAt = platform.clock.wallMs() / 1000;
          void platform
            .fetch(url, { ...request, body: JSON.stringify({ ...body, sentAt }) })
            .catch(() => undefined);
        };
        if (isBatch(url) && response.status === 200) platform.startTimer(again, 5_000);
        return response;
      };
      return { ...options, platform: { ...platform, compress: null, fetch } };
    },
  },
  {
    breaks: 'R8',
    mistake: 'drops a batch after 500',
    alter: withAnswers((response, text, sent) =>
      response.status === 500 ? confirmed(response, sent) : answerWith(response, response.status, text),
    ),
  },
  {
    breaks: 'R8',
    mistake: 'drops a batch after 408',
    alter: withAnswers((response, text, sent) =>
      response.status === 408 ? confirmed(response, sent) : answerWith(response, response.status, text),
    ),
  },
  {
    breaks: 'R9',
    mistake: 'takes every 200 for a confirmation',
    alter: withAnswers((response, text, sent) =>
      response.status === 200 && text.startsWith('<')
        ? confirmed(response, sent)
        : answerWith(response, response.status, text),
    ),
  },
  {
    breaks: 'R10',
    mistake: 'tries again every second',
    alter: withSettings({ firstBackoffMs: 1_000, maxBackoffMs: 1_000 }),
  },
  {
    breaks: 'R10',
    mistake: 'waits without jitter',
    alter: () => (options) => ({ ...options, platform: { ...options.platform, random: () => 0 } }),
  },
  {
    breaks: 'R11',
    mistake: 'ignores Retry-After',
    alter: withFetch((fetch) => async (url, request) => {
      const { status, text } = await fetch(url, request);
      const headers = {
        get: (name: string) => (name === 'content-type' ? 'application/problem+json' : null),
      };
      return { status, headers, text };
    }),
  },
  {
    breaks: 'R12',
    mistake: 'never refreshes its token',
    alter: () => {
      const kept = new Map<string, string>();
      return withFetch((fetch) => async (url, request) => {
        const response = await fetch(url, request);
        if (!url.includes('/kit/token')) return response;
        const text = await response.text();
        kept.set(url, kept.get(url) ?? text);
        return answerWith(response, 200, kept.get(url) ?? text);
      })();
    },
  },
  {
    breaks: 'R12',
    mistake: 'refreshes its token twice at a time',
    alter: withFetch((fetch) => async (url, request) => {
      if (url.includes('/kit/token')) await fetch(url, request);
      return fetch(url, request);
    }),
  },
  {
    breaks: 'R13',
    mistake: 'drops a batch that is too large',
    alter: withAnswers((response, text, sent) =>
      response.status === 413 ? confirmed(response, sent) : answerWith(response, response.status, text),
    ),
  },
  {
    breaks: 'R14',
    mistake: 'repeats a refused batch for ever',
    alter: withAnswers((response, text) =>
      answerWith(response, response.status === 400 ? 500 : response.status, text),
    ),
  },
  {
    breaks: 'R15',
    mistake: 'sends what is left under the token of the next user',
    alter: () => {
      let latest: { readonly user: string; readonly token: string } | null = null;
      return withFetch((fetch) => async (url, request) => {
        const user = /userId=(\d+)/.exec(url)?.[1];
        if (user !== undefined) {
          const response = await fetch(url, request);
          const text = await response.text();
          latest = { user, token: (JSON.parse(text) as { token: string }).token };
          return answerWith(response, 200, text);
        }
        if (!isBatch(url) || latest === null) return fetch(url, request);
        const { user: current, token } = latest;
        const { events } = JSON.parse(request.body as string) as Body;
        const isForeign = events.some(({ userId }) => userId !== undefined && userId !== current);
        return isForeign
          ? fetch(url, { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
          : fetch(url, request);
      })();
    },
  },
  {
    breaks: 'R15',
    mistake: 'forgets whose events they are',
    alter: withBatches((body) => ({
      ...body,
      events: body.events.map(({ userId: _, ...event }) => event as never),
    })),
  },
  {
    breaks: 'R16',
    mistake: 'drops an event with user_id_mismatch',
    alter: withAnswers((response, text) =>
      answerWith(response, response.status, text.replaceAll('user_id_mismatch', 'event_name_invalid')),
    ),
  },
  {
    breaks: 'R17',
    mistake: 'opens a second connection when an answer is slow',
    alter: () => (options) => {
      const { platform } = options;
      const fetch: Fetch = async (url, request) => {
        const again = (): void => void platform.fetch(url, request).catch(() => undefined);
        const cancel = isBatch(url) ? platform.startTimer(again, 1_000) : () => undefined;
        return platform.fetch(url, request).finally(cancel);
      };
      return { ...options, platform: { ...platform, fetch } };
    },
  },
  { breaks: 'R18', mistake: 'waits for an answer for ever', alter: withSettings({ answerTimeoutMs: 1e9 }) },
  {
    breaks: 'R19',
    mistake: 'sends nothing when it leaves the foreground',
    afterOpen: (client) => {
      insideOf(client).sender.flush = async () => undefined;
    },
  },
  { breaks: 'R20', mistake: 'begins a session at every return', alter: withSettings({ sessionGapMs: 0 }) },
  {
    breaks: 'R20',
    mistake: 'begins a session at the launch only',
    alter: withSettings({ sessionGapMs: 3_600_000 }),
  },
  { breaks: 'R21', mistake: 'sends a heartbeat every 20 s', alter: withSettings({ heartbeatMs: 20_000 }) },
  {
    breaks: 'R21',
    mistake: 'sends heartbeats in the background',
    afterOpen: (client) => {
      const { heartbeats } = insideOf(client);
      const setForeground = heartbeats.setForeground.bind(heartbeats);
      heartbeats.setForeground = () => setForeground(true);
    },
  },
  {
    breaks: 'R22',
    mistake: 'repeats a failed heartbeat at once',
    alter: withFetch((fetch) => async (url, request) => {
      if (!url.endsWith(HEARTBEAT)) return fetch(url, request);
      return fetch(url, request).catch(() => fetch(url, request));
    }),
  },
  {
    breaks: 'R23',
    mistake: 'leaves the times of a changed clock as they are',
    afterOpen: (client) => {
      insideOf(client).sender.fixTimes = async () => undefined;
    },
  },
  {
    breaks: 'R23',
    mistake: 'takes a clock that was set forward for sleep',
    alter: () => (options) => {
      const { clock } = options.platform;
      return {
        ...options,
        platform: { ...options.platform, clock: { ...clock, monotonicCountsSleep: false } },
      };
    },
  },
  {
    breaks: 'R24',
    mistake: 'lets the queue grow',
    alter: withSettings({ maxQueuedEvents: 100_000 }),
  },
  {
    breaks: 'R24',
    mistake: 'evicts the session start first',
    afterOpen: (client) => {
      const { queue } = insideOf(client);
      queue.chooseEvicted = () => [...queue.values()][0];
    },
  },
  {
    breaks: 'R25',
    mistake: 'drops rejected events in silence',
    alter: () => (options) => ({ ...options, report: () => undefined }),
  },
];
