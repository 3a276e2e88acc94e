import { describe, expect, it } from '@jest/globals';
import { sendDeadLetters } from '../../../../../src/infrastructure/kafka/dead-letters/send-dead-letters.js';
import type { KafkaProducer } from '../../../../../src/infrastructure/kafka/kafka-producer.js';
import type { SubjectRecord } from '../../../../../src/infrastructure/kafka/subject-record.js';

const record = (value: string): SubjectRecord => ({
  subject: 'identity-events/0',
  key: 'key',
  value,
  headers: { trace: 'abc', 'dlq-reason': 'message_invalid' },
});

/** Producer whose broker refuses calls with more characters than its limit. */
class LimitedProducer {
  readonly stored: SubjectRecord[][] = [];
  failure: Error | null = null;

  constructor(private readonly maxCharacters: number) {}

  async send(records: readonly SubjectRecord[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    const size = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (size > this.maxCharacters) {
      throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    }
    this.stored.push([...records]);
  }
}

const send = (producer: LimitedProducer, records: readonly SubjectRecord[]): Promise<void> =>
  sendDeadLetters(producer as unknown as KafkaProducer, records);

describe('sendDeadLetters()', () => {
  it('sends all in one call', async () => {
    const producer = new LimitedProducer(10);
    await send(producer, [record('a'), record('b')]);
    expect(producer.stored).toEqual([[record('a'), record('b')]]);
  });

  it('sends nothing without dead letters', async () => {
    const producer = new LimitedProducer(10);
    await send(producer, []);
    expect(producer.stored).toEqual([]);
  });

  it('sends one by one what is too large together', async () => {
    const producer = new LimitedProducer(4);
    await send(producer, [record('aaa'), record('bbb')]);
    expect(producer.stored).toEqual([[record('aaa')], [record('bbb')]]);
  });

  it('truncates only the dead letter that is too large alone', async () => {
    const producer = new LimitedProducer(4);
    await send(producer, [record('a'), record('bbbbb'), record('c')]);
    expect(producer.stored.flat().map(({ value }) => value)).toEqual(['a', null, 'c']);
    expect(producer.stored[1]?.[0]?.headers).toEqual({
      'dlq-reason': 'message_invalid',
      'dlq-truncated': 'true',
    });
  });

  it('fails on every other error', async () => {
    const producer = new LimitedProducer(10);
    producer.failure = new Error('no leader');
    await expect(send(producer, [record('a')])).rejects.toThrow('no leader');
  });
});
