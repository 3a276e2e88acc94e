import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import type { InboundMessage } from '../../../../../src/application/ports/event-consumer.port.js';
import type { Verdict } from '../../../../../src/infrastructure/kafka/consumer/judged-message.js';
import { MessageJudge } from '../../../../../src/infrastructure/kafka/consumer/message-judge.js';
import { PartitionHolds } from '../../../../../src/infrastructure/kafka/consumer/partition-holds.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../../../../src/shared/exceptions/domain.exception.js';

Logger.overrideLogger(false);

const TOPIC = 'identity-events';
const MESSAGE = {
  offset: '42',
  key: Buffer.from('user.account.created'),
  value: Buffer.from('{"a":"省"}'),
  timestamp: '1736874000000',
  attributes: 0,
  headers: {},
} as KafkaMessage;

let holds: PartitionHolds;

beforeEach(() => {
  holds = new PartitionHolds({ minMs: 60_000, maxMs: 60_000 });
});

afterEach(() => {
  holds.close();
});

async function verdictOf(handle: () => Promise<'handled' | 'skipped'>): Promise<Verdict> {
  return (await new MessageJudge(TOPIC, handle, holds).judge(3, MESSAGE)).verdict;
}

describe('MessageJudge', () => {
  it('passes bytes, origin and trace of a message to the handler', async () => {
    const delivered: InboundMessage[] = [];
    const judge = new MessageJudge(
      TOPIC,
      async (message) => {
        delivered.push(message);
        return 'handled';
      },
      holds,
    );
    await judge.judge(3, MESSAGE);
    const headers = { traceparent: Buffer.from('of its publisher') };
    await judge.judge(3, { ...MESSAGE, key: null, value: null, headers } as KafkaMessage);
    expect(delivered).toEqual([
      {
        origin: 'identity-events/3/42',
        key: 'user.account.created',
        value: MESSAGE.value,
        traceparent: null,
      },
      { origin: 'identity-events/3/42', key: null, value: null, traceparent: 'of its publisher' },
    ]);
  });

  it('returns the outcome of the handler', async () => {
    expect(await verdictOf(async () => 'handled')).toEqual({ outcome: 'handled' });
    expect(await verdictOf(async () => 'skipped')).toEqual({ outcome: 'skipped' });
  });

  it('makes a dead letter of a message that breaks a rule', async () => {
    const broken = new DomainException('message_not_json', { detail: 'The message is not JSON' });
    expect(await verdictOf(() => Promise.reject(broken))).toEqual({
      outcome: 'dead_lettered',
      reason: { code: 'message_not_json', detail: 'The message is not JSON' },
    });
  });

  it('retries without end while a dependency is unavailable', async () => {
    const unavailable = dependencyUnavailable('database', null);
    for (let attempt = 1; attempt <= 20; attempt++) holds.hold(3, '42', () => undefined);
    expect(await verdictOf(() => Promise.reject(unavailable))).toEqual({
      outcome: 'retry',
      error: unavailable,
    });
  });

  it('makes a dead letter of a message that fails five times with an unexpected error', async () => {
    const fail = (): Promise<never> => Promise.reject(new TypeError('a mistake'));
    for (let attempt = 1; attempt <= 4; attempt++) {
      expect(await verdictOf(fail)).toMatchObject({ outcome: 'retry' });
      holds.hold(3, '42', () => undefined);
    }
    expect(await verdictOf(fail)).toMatchObject({
      outcome: 'dead_lettered',
      reason: { code: 'internal_error' },
    });
  });

  it('does not count the attempts of another message', async () => {
    for (let attempt = 1; attempt <= 4; attempt++) holds.hold(3, '41', () => undefined);
    expect(await verdictOf(() => Promise.reject(new TypeError('a mistake')))).toMatchObject({
      outcome: 'retry',
    });
  });
});
