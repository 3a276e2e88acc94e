import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { EventStream } from '../support/event-stream.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';
import { residentMib } from './support/process-memory.js';
import { freshAddress } from './support/timely.js';
import { RawConnection } from './support/wire.js';

jest.setTimeout(120_000);

const ADMIN = { roles: ['admin'] };
/** The service accepts a token for 30 s after its expiry, because clocks differ. */
const LEEWAY_SECONDS = 30;
const token = signToken({ userId: '1', ...ADMIN });

let deployment: Deployment;
let service: Service;
let lasting: EventStream;

beforeAll(async () => {
  deployment = await Deployment.create();
  service = await deployment.start({
    ADMIN_ROLES: 'admin',
    TRUSTED_PROXIES: '127.0.0.1',
    LIVE_MAX_WATCHERS: '20',
    LIVE_MAX_WATCHERS_PER_ADDRESS: '3',
    LIVE_STREAM_SECONDS: '15',
  });
  lasting = await watchFrom(freshAddress());
});

afterAll(() => deployment?.remove());

function watchFrom(address: string, using = token): Promise<EventStream> {
  return EventStream.open(service.url, { token: using, headers: { 'x-forwarded-for': address } });
}

async function ended(reason: string): Promise<number> {
  const { text } = await request(`${service.url}/metrics`);
  return Number(
    new RegExp(`^analytics_live_streams_ended_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)?.[1],
  );
}

describe('GET /live', () => {
  it('demands a token with the role of an administrator', async () => {
    const url = `${service.url}/live`;
    expectProblem(await request(url), 401, 'token_missing');
    expectProblem(await request(url, { token: 'nonsense' }), 401, 'token_invalid');
    expectProblem(await request(url, { token: signToken({ userId: '1' }) }), 403, 'role_missing');
    const expired = signToken({ userId: '1', ...ADMIN }, { expiresInSeconds: -60 });
    expectProblem(await request(url, { token: expired }), 401, 'token_expired');
  });

  it('takes no token in its address, where logs would keep it', async () => {
    expectProblem(await request(`${service.url}/live?token=${token}`), 401, 'token_missing');
    expectProblem(await request(`${service.url}/live?token=${token}`, { token }), 400, 'request_invalid');
  });

  it('ends with the token of its watcher', async () => {
    const brief = signToken({ userId: '1', ...ADMIN }, { expiresInSeconds: 4 - LEEWAY_SECONDS });
    const stream = await watchFrom(freshAddress(), brief);
    const other = await watchFrom(freshAddress());
    expect(await stream.waitForEnd()).toBe('token_expired');
    expect(other.ended).toBe(false);
    other.close();
    expectProblem(await request(`${service.url}/live`, { token: brief }), 401, 'token_expired');
  });

  it.each(['', 'abc', '-1', '99999999999', '9'.repeat(400), '1;DROP', '17e8'])(
    'ignores the Last-Event-ID %j',
    async (id) => {
      const stream = await EventStream.open(service.url, {
        token,
        headers: { 'last-event-id': id, 'x-forwarded-for': freshAddress() },
      });
      await stream.waitFor('online');
      stream.close();
    },
  );

  it('limits the streams of one address, and frees a place when one is closed', async () => {
    const address = freshAddress();
    const streams = await Promise.all([1, 2, 3].map(() => watchFrom(address)));
    const send = () => request(`${service.url}/live`, { token, headers: { 'x-forwarded-for': address } });
    const answer = await send();
    expectProblem(answer, 429, 'live_streams_exceeded');
    expect(answer.headers.get('retry-after')).toBe('30');
    const elsewhere = await watchFrom(freshAddress());
    streams[0]!.close();
    streams.push(await waitFor(() => watchFrom(address).catch(() => null), 10_000));
    for (const stream of [...streams, elsewhere]) stream.close();
  });

  it('limits the streams of the process', async () => {
    const streams: EventStream[] = [];
    await waitFor(async () => (await ended('client')) > 0, 10_000);
    const refusal = await waitFor(async () => {
      const stream = await watchFrom(freshAddress()).catch(String);
      if (typeof stream === 'string') return stream;
      streams.push(stream);
      return null;
    }, 30_000);
    expect(refusal).toMatch(/^Error: 503: .*"code":"overloaded"/);
    expect(streams.length).toBeLessThanOrEqual(20);
    for (const stream of streams) stream.close();
    expect((await request(`${service.url}/health/live`)).status).toBe(200);
  });

  it('disconnects watchers that do not read, and no other one', async () => {
    const before = await ended('slow');
    const memoryMib = residentMib(service.pid);
    const reader = await waitFor(() => watchFrom(freshAddress()).catch(() => null), 10_000);
    const silent = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const connection = await RawConnection.open(service.url);
        connection.pause();
        // The answers before the stream fill the buffers of the connection.
        connection.write(
          'GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10) +
            `GET /live HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${freshAddress()}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        );
        return connection;
      }),
    );
    try {
      await waitFor(async () => (await ended('slow')) === before + 10, 60_000);
      expect(reader.ended && reader.events.at(-1)?.data['reason'] !== 'rotated').toBe(false);
      expect(residentMib(service.pid) - memoryMib).toBeLessThan(250);
    } finally {
      for (const connection of silent) connection.destroy();
      reader.close();
    }
  });

  it('ends every stream after its lifetime, so that no half-open connection stays', async () => {
    expect(await lasting.waitForEnd()).toBe('rotated');
    const next = await EventStream.open(service.url, {
      token,
      headers: { 'last-event-id': lasting.events.at(-1)!.id, 'x-forwarded-for': freshAddress() },
    });
    await next.waitFor('online');
    next.close();
  });
});
