import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { HeartbeatReceivedEvent } from '../../src/domain/events/heartbeat-received.event.js';
import { EventPublisherService } from '../../src/infrastructure/kafka/event-publisher.service.js';
import { UuidEventIdGenerator } from '../../src/infrastructure/system/uuid-event-id-generator.js';
import { publisherDroppedTotal } from '../../src/shared/metrics/metrics.js';
import { waitFor } from '../support/processes.js';
import { NOON } from '../support/builders.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { gate } from '../support/deferred.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const CAPACITY = 10_000;

let transport: RecordingTransport;
let publisher: EventPublisherService;
let droppedBefore: number;

beforeEach(async () => {
  transport = new RecordingTransport();
  publisher = new EventPublisherService(transport, new UuidEventIdGenerator(), CAPACITY);
  droppedBefore = await droppedTotal();
});

const droppedTotal = async () => (await publisherDroppedTotal.get()).values[0]?.value ?? 0;
const dropped = async () => (await droppedTotal()) - droppedBefore;

function offer(from: number, to: number): void {
  for (let user = from; user <= to; user++) {
    publisher.offer(new HeartbeatReceivedEvent(BigInt(user), 'install-00000001', new Date(NOON)));
  }
}

const users = () => transport.sent.map(({ payload }) => Number(payload['userId']));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('the publisher of best-effort events', () => {
  it('sends events without a call to flush, each under an id of its own', async () => {
    offer(1, 3);
    await waitFor(() => transport.sent.length === 3);
    expect(transport.batches).toHaveLength(1);
    expect(transport.sent[0]).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventType: 'presence.heartbeat.received',
      subject: 'u:1',
      occurredAt: new Date(NOON),
      payload: { userId: '1', installId: 'install-00000001', occurredAt: NOON },
    });
    expect(new Set(transport.ids).size).toBe(3);
  });

  it('sends batches of at most a thousand events in order', async () => {
    offer(1, 2_500);
    await publisher.flush();
    expect(transport.batches.map((batch) => batch.length)).toEqual([1_000, 1_000, 500]);
    expect(users()).toEqual(range(1, 2_500));
  });

  it('drops and counts events above its capacity without an error for the caller', async () => {
    const stuck = gate();
    transport.beforeSend = () => stuck.opened;
    const flushed = publisher.flush();
    offer(1, CAPACITY + 25);
    expect(await dropped()).toBe(25);
    stuck.open();
    await flushed;
    await publisher.flush();
    expect(users()).toEqual(range(1, CAPACITY));
    offer(1, 1);
    await publisher.flush();
    expect(await dropped()).toBe(25);
    expect(transport.sent).toHaveLength(CAPACITY + 1);
  });

  it('counts the batch in flight against its capacity', async () => {
    const [sending, stuck] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return stuck.opened;
    };
    offer(1, 1_000);
    const flushed = publisher.flush();
    await sending.opened;
    offer(1_001, CAPACITY + 1);
    expect(await dropped()).toBe(1);
    stuck.open();
    await flushed;
  });

  it('drops and counts a rejected batch and continues with the next', async () => {
    let batches = 0;
    transport.beforeSend = () => (++batches === 1 ? Promise.reject(new Error('refused')) : Promise.resolve());
    offer(1, 1_200);
    await publisher.flush();
    expect(await dropped()).toBe(1_000);
    expect(users()).toEqual(range(1_001, 1_200));
  });

  it('sends events that are offered while a batch is in flight', async () => {
    const [sending, stuck] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return stuck.opened;
    };
    offer(1, 2);
    const flushed = publisher.flush();
    await sending.opened;
    offer(3, 4);
    stuck.open();
    await flushed;
    await publisher.flush();
    expect(users()).toEqual([1, 2, 3, 4]);
  });

  it('sends the remaining events at shutdown and closes the transport', async () => {
    offer(1, 1_500);
    await publisher.onApplicationShutdown();
    expect(users()).toEqual(range(1, 1_500));
    expect(transport.closed).toBe(1);
    expect(await dropped()).toBe(0);
  });

  it('tries one batch at shutdown when the broker is unavailable', async () => {
    let attempts = 0;
    transport.beforeSend = () => {
      attempts++;
      return Promise.reject(new Error('away'));
    };
    offer(1, 5_000);
    await publisher.onApplicationShutdown();
    expect(attempts).toBe(1);
    expect(await dropped()).toBe(5_000);
    expect(transport.closed).toBe(1);
  });
});

describe('groups of events', () => {
  const group = (from: number, to: number) =>
    range(from, to).map(
      (user) => new HeartbeatReceivedEvent(BigInt(user), 'install-00000001', new Date(NOON)),
    );

  /** Reserves and publishes a thousand events after another, as requests of gateways do. */
  async function publish(groups: number): Promise<void> {
    const all = Array.from({ length: groups }, async (_, i) => {
      const places = await publisher.reserve(1_000);
      places.publish(group(i * 1_000 + 1, (i + 1) * 1_000));
      places.release();
    });
    await Promise.all(all);
  }

  it('wait for room instead of being dropped', async () => {
    await publish(8);
    await publisher.flush();
    expect(await dropped()).toBe(0);
    expect(users()).toEqual(range(1, 8_000));
  });

  it('are refused, and nothing of them is dropped, while the broker does not answer', async () => {
    const [sending, stuck] = [gate(), gate()];
    transport.beforeSend = () => {
      sending.open();
      return stuck.opened;
    };
    await publish(5);
    await sending.opened;
    await expect(publisher.reserve(1_000)).rejects.toMatchObject({
      code: 'overloaded',
      retryAfterSeconds: 1,
    });
    // Single events have the other half of the buffer.
    offer(5_001, CAPACITY);
    expect(await dropped()).toBe(0);
    stuck.open();
    await publisher.flush();
    expect(users()).toEqual(range(1, CAPACITY));
  });

  it('leave their places when they are not published', async () => {
    for (let i = 0; i < 20; i++) (await publisher.reserve(1_000)).release();
    offer(1, CAPACITY);
    expect(await dropped()).toBe(0);
  });

  it('do not wait for a broker that refuses, and are dropped and counted', async () => {
    transport.beforeSend = () => Promise.reject(new Error('refused'));
    await publish(1);
    await publisher.flush();
    expect(await dropped()).toBe(1_000);
    await publish(11);
    await publisher.flush();
    expect(await dropped()).toBe(12_000);
    expect(transport.sent).toEqual([]);
  });
});
