import { describe, expect, it } from '@jest/globals';
import { accept, openClient } from './open-client.js';

const KIB = 1024;
const anna = { userId: '1', token: async () => 'token-of-1' };

describe('the limits of the reference client', () => {
  it('bound the stored events by their bytes, and evict the oldest that is no session start', async () => {
    const { client, reports, service, storage } = await openClient({
      settings: { maxQueuedBytes: 10 * KIB },
    });
    service.respond = () => null;
    client.enterForeground();
    for (let n = 0; n < 20; n += 1) await client.track('page_view', { n, text: 'x'.repeat(KIB) });

    const stored = [...(await storage.load()).values()].filter((text) => text.includes('eventName'));
    expect(stored.reduce((sum, text) => sum + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(10 * KIB);
    expect(stored[0]).toContain('app_session_start');
    expect(stored.at(-1)).toContain('"n":19');
    const evicted = reports.filter(({ kind }) => kind === 'event_evicted');
    expect(evicted).toHaveLength(21 - stored.length);
    expect(client.queuedEvents).toBe(stored.length);
  });

  it('bound the bytes of a request before it is compressed', async () => {
    const { client, sent } = await openClient({ settings: { maxBatchBytes: 16 * KIB } });
    for (let n = 0; n < 40; n += 1) await client.track('page_view', { text: '深'.repeat(KIB) });
    await client.flush();

    expect(sent.length).toBeGreaterThan(1);
    for (const { json } of sent)
      expect(Buffer.byteLength(JSON.stringify(json))).toBeLessThanOrEqual(16 * KIB);
    expect(sent.flatMap(({ json }) => json.events)).toHaveLength(40);
  });

  it('send at once what is enough for a request, and the rest when it has waited', async () => {
    const { client, device, sent } = await openClient();
    for (let n = 0; n < 50; n += 1) await client.track('page_view');
    await device.advance(0);
    expect(sent.map(({ json }) => json.events.length)).toEqual([50]);

    await client.track('page_view');
    await device.advance(9_999);
    expect(sent).toHaveLength(1);
    await device.advance(1);
    expect(sent).toHaveLength(2);
  });
});

describe('a heartbeat of the reference client', () => {
  it('falls out while a Retry-After lasts, and keeps its rhythm', async () => {
    const { client, device, sent, service } = await openClient();
    const body = { code: 'rate_limited' };
    service.respond = ({ url, ...sentEvents }) =>
      url.endsWith('/presence/heartbeat')
        ? { status: 429, body, retryAfter: '90' }
        : accept({ url, ...sentEvents });
    client.login(anna);
    client.enterForeground();
    await device.advance(5 * 60_000);

    const beats = sent.filter(({ url }) => url.endsWith('/presence/heartbeat'));
    expect(beats).toHaveLength(3);
  });

  it('comes every minute although the clock of the device is set meanwhile', async () => {
    const { client, device, sent } = await openClient();
    client.login(anna);
    client.enterForeground();
    for (const byMs of [3_600_000, -7_200_000, 86_400_000]) {
      device.setClock(byMs);
      await device.advance(60_000);
    }

    expect(sent.filter(({ url }) => url.endsWith('/presence/heartbeat'))).toHaveLength(4);
  });
});

describe('a session of the reference client', () => {
  it.each([
    [29_000, 1],
    [30_000, 2],
  ])('after an absence of %i ms is number %i, whatever the clock was set to', async (absenceMs, sessions) => {
    const { client, device, sent } = await openClient();
    client.enterForeground();
    await device.advance(60_000);
    await client.enterBackground();
    device.setClock(-3_600_000);
    await device.advance(absenceMs);
    client.enterForeground();
    await client.flush();

    const names = sent.flatMap(({ json }) => json.events.map((event) => event['eventName']));
    expect(names.filter((name) => name === 'app_session_start')).toHaveLength(sessions);
  });
});
