import { expect } from '@jest/globals';

import type { EventChannel } from '../../../../src/infrastructure/outbox/event-transport.js';
import { outboundMessage } from '../../builders.js';
import { waitFor } from '../../processes.js';
import { readTopicWithKcat } from '../kcat.js';
import { lengthOf } from '../topics.js';
import type { ApacheKafka } from './cluster.js';

/** Sends messages through one channel until each is acknowledged, as the outbox does, and remembers them. */
export class SentMessages {
  private readonly names: string[] = [];

  constructor(private readonly channel: EventChannel) {}

  async send(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const name = String(this.names.length);
      const message = outboundMessage({ subject: `u:${name}`, payload: { name } });
      await waitFor(() => this.channel.send([message]).then(() => true), 60_000, {
        what: `message ${name} is stored`,
      });
      this.names.push(name);
    }
  }

  /** Expects every message of the last `count` at least once; a send that failed may have been stored as well. */
  async expectStored(kafka: ApacheKafka, topic: string, count = this.names.length): Promise<void> {
    const { messages } = await readTopicWithKcat(kafka.brokers, topic, {
      count: await lengthOf(kafka.brokers, topic),
    });
    const stored = messages.map(
      ({ payload }) => (JSON.parse(payload ?? '') as { payload: { name: string } }).payload.name,
    );
    expect([...new Set(stored)].sort()).toEqual(this.names.slice(-count).sort());
  }
}
