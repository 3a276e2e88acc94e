import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type {
  EventChannel,
  EventTransport,
  OutboundMessage,
} from '../../../../src/infrastructure/outbox/event-transport.js';

/** One adapter of the port. */
export interface EventTransportHarness {
  /** Returns a new transport. */
  open(): EventTransport;
  close(): Promise<void>;
}

/** Describes what every {@link EventTransport} does. */
export function describeEventTransport(adapter: string, start: () => Promise<EventTransportHarness>): void {
  describe(`EventTransport: ${adapter}`, () => {
    let harness: EventTransportHarness;
    let transport: EventTransport;
    let channel: EventChannel;

    beforeAll(async () => {
      harness = await start();
    });

    beforeEach(() => {
      transport = harness.open();
      channel = transport.openChannel();
    });

    afterEach(() => channel.close());

    afterAll(() => harness.close());

    const messages = (count: number): OutboundMessage[] =>
      Array.from({ length: count }, (_, i) => ({
        eventId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        eventType: 'contract.checked',
        subject: `u:${i}`,
        occurredAt: new Date('2025-06-15T04:00:00.000Z'),
        payload: { number: i, text: '省份 😀' },
      }));

    it('accepts a message as the first call', async () => {
      await expect(channel.send(messages(1))).resolves.toBeUndefined();
    });

    it('accepts a thousand messages in one call, batches in sequence and channels in parallel', async () => {
      await channel.send(messages(1_000));
      const other = transport.openChannel();
      await Promise.all([
        channel.send(messages(10)),
        channel.send(messages(20)),
        other.send(messages(30)),
        transport.check(),
      ]);
      await other.close();
    });

    it('passes the check', async () => {
      await expect(transport.check()).resolves.toBeUndefined();
    });

    it('closes an unused channel, closes it twice and reopens it', async () => {
      await channel.close();
      await channel.close();
      await channel.send(messages(1));
      await channel.close();
      await channel.send(messages(1));
    });
  });
}
