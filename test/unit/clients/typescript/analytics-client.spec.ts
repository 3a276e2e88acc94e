import { describe, expect, it } from '@jest/globals';
import type { AnalyticsClient } from '../../../../clients/typescript/src/analytics-client.js';
import { MemoryStorage } from '../../../../clients/typescript/src/storage/memory-storage.js';
import { accept, openClient } from './open-client.js';

describe('AnalyticsClient', () => {
  it('makes an install id once and keeps it', async () => {
    const first = await openClient();
    const second = await openClient({}, first.storage);

    expect(first.client.installId).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.client.installId).toBe(first.client.installId);
  });

  it('sends an event as the service describes it', async () => {
    const { client, device, sent } = await openClient({ installId: 'install-of-a-test' });
    await client.track('page_view', { page: 'home' });
    await device.advance(10_000);

    expect(sent).toMatchObject([{ url: 'https://service.example/analytics/events', redirect: 'manual' }]);
    expect(sent[0]?.json).toEqual({
      sentAt: Date.UTC(2025, 0, 15) / 1000 + 10,
      events: [
        {
          eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          eventName: 'page_view',
          installId: 'install-of-a-test',
          clientTs: Date.UTC(2025, 0, 15) / 1000,
          properties: { page: 'home' },
        },
      ],
    });
    expect(client.queuedEvents).toBe(0);
  });

  it('compresses a body that is worth it, and no other', async () => {
    const { client, sent } = await openClient();
    await client.track('page_view');
    await client.flush();
    await client.track('page_view', { text: 'x'.repeat(2_000) });
    await client.flush();

    expect(sent.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip']);
  });

  it('lets the last request outlive the page', async () => {
    const { client, sent } = await openClient();
    client.enterForeground();
    await client.enterBackground();

    expect(sent.map(({ keepalive }) => keepalive)).toEqual([true]);
  });

  it.each([
    [
      'an event name with a space',
      (client: AnalyticsClient) => client.track('page view'),
      'eventName must be',
    ],
    [
      'properties beyond 32 KiB',
      (client: AnalyticsClient) => client.track('page_view', { text: '深'.repeat(11_000) }),
      'properties of page_view must have at most 32 KiB',
    ],
  ])('refuses %s at once', async (_, act, message) => {
    const { client } = await openClient();
    await expect(act(client)).rejects.toThrow(message);
  });

  it.each(['', '0', '01', 'anna', '9223372036854775808', '12345678901234567890'])(
    'refuses the user id "%s"',
    async (userId) => {
      const { client } = await openClient();
      expect(() => client.login({ userId, token: async () => null })).toThrow(
        'userId must be a decimal string',
      );
    },
  );

  it('does not use a token that arrives after a change of account', async () => {
    const { client, device, sent } = await openClient();
    let answerAnna: (token: string) => void = () => undefined;
    client.login({ userId: '1', token: () => new Promise((resolve) => (answerAnna = resolve)) });
    await client.track('page_view');
    await device.advance(10_000);
    client.login({ userId: '2', token: async () => 'token-of-2' });
    // An app with one global token would answer for the user of this moment.
    answerAnna('token-of-2');
    await device.advance(10_000);

    expect(sent.map(({ headers, json }) => [headers['authorization'], json.events[0]?.['userId']])).toEqual([
      [undefined, '1'],
    ]);
  });

  it('keeps the events of a user until that user is back, where it is told to', async () => {
    const { client, device, sent, service } = await openClient({ settings: { eventsOfOtherUsers: 'keep' } });
    service.respond = () => null;
    const anna = { userId: '1', token: async () => 'token-of-1' };
    client.login(anna);
    await client.track('page_view');
    await device.advance(10_000);
    client.login({ userId: '2', token: async () => 'token-of-2' });
    service.respond = accept;
    sent.length = 0;
    await device.advance(600_000);
    expect(sent).toHaveLength(0);
    client.login(anna);
    await device.advance(600_000);

    expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-of-1']);
    expect(client.queuedEvents).toBe(0);
  });

  it('begins a session for another user in the foreground, and none for a first login', async () => {
    const { client, sent } = await openClient();
    client.enterForeground();
    client.login({ userId: '1', token: async () => 'token-of-1' });
    client.login({ userId: '2', token: async () => 'token-of-2' });
    await client.flush();

    const users = sent.flatMap(({ json }) => json.events ?? []).map((event) => event['userId']);
    expect(users).toEqual([undefined, '2']);
  });

  it('sends smaller batches over a link that brings no answer', async () => {
    const { client, device, sent, service } = await openClient();
    service.respond = (each) => (each.json.events.length > 10 ? null : accept(each));
    for (let count = 0; count < 64; count += 1) await client.track('page_view');
    await device.advance(300_000);

    expect(sent.slice(0, 4).map(({ json }) => json.events.length)).toEqual([50, 25, 13, 7]);
    expect(client.queuedEvents).toBe(0);
  });

  it('keeps an event that cannot be stored in memory, and says so', async () => {
    const storage = new MemoryStorage();
    const { client, sent, reports } = await openClient({}, storage);
    storage.save = async () => {
      throw new Error('no room');
    };
    await client.track('page_view');
    await client.flush();

    expect(reports).toMatchObject([{ kind: 'storage_failed' }]);
    expect(sent).toHaveLength(1);
  });

  it('removes a stored text that it cannot read, and says so', async () => {
    const records = new Map([
      ['install', 'install-of-a-test'],
      ['event/000000000000001-a', '{"eventId":'],
    ]);
    const { reports, client } = await openClient({}, new MemoryStorage(records));

    expect(reports).toEqual([{ kind: 'record_unreadable', key: 'event/000000000000001-a' }]);
    expect([...records.keys()]).toEqual(['install']);
    expect(client.queuedEvents).toBe(0);
  });

  it('is not stopped by a report that throws', async () => {
    const { client, sent, service } = await openClient({
      report: () => {
        throw new Error('a mistake of the app');
      },
    });
    service.respond = () => null;
    await client.track('page_view');
    await client.flush();
    service.respond = accept;
    client.networkIsBack();
    await client.flush();

    expect(sent).toHaveLength(2);
    expect(client.queuedEvents).toBe(0);
  });

  it('sends nothing after it was closed, and finds its events when it is opened again', async () => {
    const { client, device, sent, storage } = await openClient();
    await client.track('page_view');
    client.close();
    await device.advance(600_000);
    expect(sent).toHaveLength(0);

    expect((await openClient({}, storage)).client.queuedEvents).toBe(1);
  });
});
