import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LivingCrowd } from '../../../../tools/demo/living-crowd.js';
import { Timeline } from '../../../../tools/demo/timeline.js';
import type { HttpRequest } from '../../../../tools/simulation/delivery/http-client.js';
import { TokenIssuer } from '../../../../tools/simulation/delivery/token-issuer.js';

/** 20:00 in Shanghai, on the 10th day. */
const EVENING = Date.parse('2025-01-10T20:00:00+08:00');
const timeline = new Timeline('2025-01-01');
const plan = timeline.planOf('2025-01-10');

let sent: HttpRequest[];
let crowd: LivingCrowd;

beforeEach(() => {
  jest.useFakeTimers({ now: EVENING });
  sent = [];
  const send = (request: HttpRequest) => {
    sent.push(request);
    return Promise.resolve({ kind: 'response', status: 200, body: {}, latencyMs: 1 } as const);
  };
  crowd = new LivingCrowd(timeline, { send }, new TokenIssuer('s', EVENING, 3_600_000), Date.now);
  crowd.start();
});

afterEach(() => {
  crowd.stop();
  jest.useRealTimers();
});

async function live(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) await jest.advanceTimersByTimeAsync(1_000);
}

/** Counts the users whose heartbeat is younger than three minutes, as the service does. */
const beats: { atMs: number; token: string }[] = [];
function onlineNow(): number {
  return new Set(beats.filter(({ atMs }) => atMs > Date.now() - 180_000).map(({ token }) => token)).size;
}
async function liveAndCount(seconds: number): Promise<number> {
  for (let i = 0; i < seconds; i++) {
    sent.length = 0;
    await live(1);
    for (const { path, token = '' } of sent)
      if (path === '/presence/heartbeat') beats.push({ atMs: Date.now(), token });
  }
  return onlineNow();
}

describe('the living crowd', () => {
  it('is as large as the curve of its minute, from the first seconds on', async () => {
    for (const { path, token = '' } of sent)
      if (path === '/presence/heartbeat') beats.push({ atMs: Date.now(), token });
    for (const seconds of [10, 600]) {
      const online = await liveAndCount(seconds);
      const target = timeline.onlineAt(plan, Date.now());
      expect(online).toBeGreaterThan(0.9 * target);
      expect(online).toBeLessThan(1.2 * target);
    }
  });

  it('starts the sessions of the plan at their time', async () => {
    await live(1_800);
    const second = (EVENING + 1_800_000 - plan.startMs) / 1000;
    const started = new Set(
      sent
        .filter(({ path }) => path === '/analytics/events')
        .flatMap(({ body = '' }) => {
          const { events } = JSON.parse(body) as { events: { eventId: string }[] };
          return events.map(({ eventId }) => eventId);
        }),
    );
    const due = plan.visits.filter((visit) => visit.second > second - 1_790 && visit.second < second - 1);
    expect(due.length).toBeGreaterThan(10);
    expect(due.filter(({ eventId }) => !started.has(eventId))).toEqual([]);
  });

  it('sends nothing without a token of the demo, which no other service on its port accepts', async () => {
    await live(60);
    expect(sent.length).toBeGreaterThan(50);
    expect(sent.filter(({ token = '' }) => token === '')).toEqual([]);
  });

  it('goes on with the plan of the next day', async () => {
    jest.setSystemTime(Date.parse('2025-01-10T23:59:50+08:00'));
    await live(20);
    sent.length = 0;
    await live(600);
    const days = new Set(
      sent
        .filter(({ path }) => path === '/analytics/events')
        .map(({ body = '' }) => {
          const { events } = JSON.parse(body) as { events: { clientTs: number }[] };
          return new Date(events[0]!.clientTs * 1000 + 8 * 3_600_000).toISOString().slice(0, 10);
        }),
    );
    expect([...days]).toEqual(['2025-01-11']);
  });

  it('sends nothing once it is stopped', async () => {
    crowd.stop();
    sent.length = 0;
    await live(120);
    expect(sent).toEqual([]);
  });
});
