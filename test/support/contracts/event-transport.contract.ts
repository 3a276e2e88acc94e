import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventTransport, OutboundMessage } from '../../../src/infrastructure/kafka/event-transport.js';

/** One adapter of the port, as the contract needs it. */
export interface EventTransportHarness {
  /** A transport that has not been used yet. */
  open(): EventTransport;
  close(): Promise<void>;
}

/** What every {@link EventTransport} must do, whatever is behind it. */
export function describeEventTransport(adapter: string, start: () => Promise<EventTransportHarness>): void {
  describe(`EventTransport: ${adapter}`, () => {
    let harness: EventTransportHarness;
    let transport: EventTransport;

    beforeAll(async () => {
      harness = await start();
    });

    beforeEach(() => {
      transport = harness.open();
    });

    afterEach(() => transport.close());

    afterAll(() => harness.close());

    const messages = (count: number): OutboundMessage[] =>
      Array.from({ length: count }, (_, i) => ({
        eventId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        eventType: 'contract.checked',
        subject: `u:${i}`,
        occurredAt: new Date('2025-06-15T04:00:00.000Z'),
        payload: { number: i, text: '省份 😀' },
      }));

    it('takes a message without having been connected first', async () => {
      await expect(transport.send(messages(1))).resolves.toBeUndefined();
    });

    it('takes a thousand messages at once, and batches side by side', async () => {
      await transport.send(messages(1_000));
      await Promise.all([transport.send(messages(10)), transport.send(messages(20)), transport.check()]);
    });

    it('says that it can be reached', async () => {
      await expect(transport.check()).resolves.toBeUndefined();
    });

    it('can be closed unused, twice, and used again', async () => {
      await transport.close();
      await transport.close();
      await transport.send(messages(1));
      await transport.close();
      await transport.send(messages(1));
    });
  });
}
