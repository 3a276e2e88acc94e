import type { Producer } from 'kafkajs';
import { clientOf } from '../../../test/support/kafka/client.js';
import type { CreatedAccount } from '../history/history.js';
import { Repetition } from '../observation/repetition.js';

const TOPIC = 'identity-events';
const ACCOUNT_CREATED = 'user.account.created';
const PARTITIONS = 4;
const EVERY_MS = 1_000;
/** Every so many messages one is malformed, which the service must put among its dead letters. */
const MALFORMED_EVERY = 7;
const FIRST_USER_ID = 7_000_000_000_000_000_000n;

/** Plays the Identity service: it announces a new account on Kafka every second, each in one attempt. */
export class IdentityService {
  private readonly producer: Producer;
  private readonly announcements = new Repetition(EVERY_MS, () => this.announce());
  private count = 0;

  constructor(
    brokers: string,
    private readonly now: () => number,
    private readonly record: (account: CreatedAccount) => void,
  ) {
    // A repeated attempt could write a second record, which the service rightly stores as another event.
    this.producer = clientOf(brokers).producer({ retry: { retries: 0 }, allowAutoTopicCreation: true });
  }

  start(): void {
    this.announcements.start();
  }

  async stop(): Promise<void> {
    await this.announcements.stop();
    await this.producer.disconnect();
  }

  private async announce(): Promise<void> {
    const number = this.count++;
    const isMalformed = number % MALFORMED_EVERY === MALFORMED_EVERY - 1;
    const userId = isMalformed ? `malformed-${String(number)}` : String(FIRST_USER_ID + BigInt(number));
    try {
      await this.producer.connect();
    } catch {
      // Nothing was sent.
      return;
    }
    const occurredMs = this.now();
    const value = JSON.stringify({ occurredAt: new Date(occurredMs).toISOString(), payload: { userId } });
    const message = { key: ACCOUNT_CREATED, value, partition: number % PARTITIONS };
    const isAcknowledged = await this.producer.send({ topic: TOPIC, messages: [message] }).then(
      () => true,
      () => false,
    );
    this.record({ userId, occurredMs, isAcknowledged, ...(isMalformed && { isMalformed }) });
  }
}
