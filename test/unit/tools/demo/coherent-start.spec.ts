import { describe, expect, it } from '@jest/globals';

import { sendSessions } from '../../../../tools/demo/send-today.js';
import { waitForLiveDau } from '../../../../tools/demo/wait-for-live-dau.js';
import type {
  HttpOutcome,
  HttpRequest,
  HttpSender,
} from '../../../../tools/simulation/delivery/http-client.js';
import { TokenIssuer } from '../../../../tools/simulation/delivery/token-issuer.js';

const TOKENS = new TokenIssuer('a secret of this demo that is long enough', 0, 1000);
const DAY = '2025-01-15';

const answered = (body: unknown, status = 200): HttpOutcome => ({
  kind: 'response',
  status,
  body,
  latencyMs: 1,
});

/** A service that answers by the path of the request. */
class FakeService implements HttpSender {
  readonly requests: HttpRequest[] = [];

  constructor(private readonly answer: (request: HttpRequest) => HttpOutcome) {}

  send(request: HttpRequest): Promise<HttpOutcome> {
    this.requests.push(request);
    return Promise.resolve(this.answer(request));
  }
}

describe('the sessions of today', () => {
  const session = (userId: string, eventId: string): object => ({ userId, eventId });

  it('are sent once each, by the user whose sessions they are', async () => {
    const service = new FakeService(() => answered({ accepted: 1 }));
    await sendSessions(service, TOKENS, [session('1', 'a'), session('2', 'b'), session('1', 'c')]);
    const sent = service.requests.map(({ body = '', token }) => ({
      events: (JSON.parse(body) as { events: { userId: string; eventId: string }[] }).events,
      token,
    }));
    expect(sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)).sort()).toEqual([
      'a',
      'b',
      'c',
    ]);
    for (const { events, token } of sent) {
      expect(new Set(events.map(({ userId }) => userId)).size).toBe(1);
      expect(token).toBe(TOKENS.forUser(events[0]?.userId ?? ''));
    }
  });

  it.each([
    ['a status', answered({}, 503), /status 503/],
    [
      'no answer',
      { kind: 'no response', reason: 'ECONNRESET', mayHaveArrived: true, latencyMs: 1 } as const,
      /ECONNRESET/,
    ],
  ])('fail the demo where the service does not take them: %s', async (_, outcome, message) => {
    const service = new FakeService(() => outcome);
    await expect(sendSessions(service, TOKENS, [session('1', 'a')])).rejects.toThrow(message);
  });
});

describe('the wait for the live DAU', () => {
  /** Answers the live figures in turn, the last one for ever. */
  function serviceWith(live: readonly (number | null)[], exact: number): FakeService {
    let turn = 0;
    return new FakeService(({ path }) => {
      if (!path.startsWith('/analytics/dau/realtime'))
        return answered({ data: [{ day: DAY, dauCount: exact }] });
      const dauCount = live[Math.min(turn++, live.length - 1)] ?? null;
      if (dauCount === null) return answered({ code: 'realtime_dau_unverified' }, 503);
      return answered({ day: DAY, dauCount, standardError: 0.0081 });
    });
  }

  it.each([
    ['at once when both agree', [1000], 1],
    ['within the error of an estimate', [1030], 1],
    ['once it has caught up', [380, 700, 995], 3],
    ['once the service answers it', [null, 1000], 2],
  ])('ends %s', async (_, live, readings) => {
    const service = serviceWith(live, 1000);
    expect(await waitForLiveDau(service, 'token')).toBe(true);
    expect(service.requests.filter(({ path }) => path.endsWith('realtime'))).toHaveLength(readings);
  });
});
