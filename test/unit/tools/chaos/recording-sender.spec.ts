import { describe, expect, it } from '@jest/globals';
import { RecordingSender } from '../../../../tools/chaos/clients/recording-sender.js';
import type { Operation } from '../../../../tools/chaos/history/history.js';
import type { HttpOutcome, HttpRequest } from '../../../../tools/simulation/delivery/http-client.js';
import { TokenIssuer } from '../../../../tools/simulation/delivery/token-issuer.js';

describe('RecordingSender', () => {
  const operations: Operation[] = [];
  const requests: HttpRequest[] = [];
  const answered: HttpOutcome = { kind: 'response', status: 200, body: { accepted: 1 }, latencyMs: 3 };
  const lost: HttpOutcome = { kind: 'no response', reason: 'ECONNRESET', mayHaveArrived: true, latencyMs: 3 };
  const senderTo = (outcome: HttpOutcome) => ({
    send: async (request: HttpRequest) => {
      requests.push(request);
      return outcome;
    },
  });

  it('sends to one replica after the other and records who sent what and what came of it', async () => {
    const sender = new RecordingSender(
      [
        { index: 0, http: senderTo(answered) },
        { index: 1, http: senderTo(lost) },
      ],
      { client: 'device', elapsedMs: () => 40, now: () => 1_000, record: (each) => operations.push(each) },
    );
    const token = new TokenIssuer('secret', 0, 1_000).forUser('7');
    const event = { eventId: 'a', eventName: 'page_view' };
    const request = { method: 'POST', path: '/analytics/events', token } as const;
    const body = JSON.stringify({ events: [event], sentAt: 1 });
    expect(await sender.send({ ...request, body })).toBe(answered);
    expect(await sender.send({ method: 'GET', path: '/health/ready' })).toBe(lost);
    expect(requests).toHaveLength(2);
    expect(operations).toEqual([
      expect.objectContaining({
        replica: 0,
        user: '7',
        events: [event],
        sentAt: 1,
        status: 200,
        answer: { accepted: 1 },
      }),
      expect.objectContaining({ replica: 1, path: '/health/ready', reason: 'ECONNRESET' }),
    ]);
    expect(operations[1]).not.toHaveProperty('status');
  });
});
