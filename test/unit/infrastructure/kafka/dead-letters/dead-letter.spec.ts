import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import {
  sourceOf,
  textOf,
  toDeadLetter,
  truncateDeadLetter,
} from '../../../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { NOW } from '../../../../support/builders.js';

function message(overrides: Partial<KafkaMessage> = {}): KafkaMessage {
  return {
    key: Buffer.from('user.account.created'),
    value: Buffer.from([0xff, 0x00, 0x7b]),
    timestamp: '1736874000000',
    attributes: 0,
    offset: '42',
    headers: { trace: Buffer.from('abc'), many: [Buffer.from('a'), Buffer.from('b')] },
    ...overrides,
  } as KafkaMessage;
}

const REASON = { code: 'message_not_json', detail: 'The message is empty or no JSON' };

describe('a dead letter', () => {
  it('keeps the message byte for byte and adds reason and source', () => {
    const source = sourceOf('identity-events', 3, message());
    expect(toDeadLetter(message(), source, REASON, NOW)).toEqual({
      subject: 'identity-events/3',
      key: Buffer.from('user.account.created'),
      value: Buffer.from([0xff, 0x00, 0x7b]),
      headers: {
        trace: Buffer.from('abc'),
        many: [Buffer.from('a'), Buffer.from('b')],
        'dlq-reason': 'message_not_json',
        'dlq-detail': 'The message is empty or no JSON',
        'dlq-failed-at': NOW.toISOString(),
        'dlq-source-topic': 'identity-events',
        'dlq-source-partition': '3',
        'dlq-source-offset': '42',
        'dlq-source-timestamp': '2025-01-14T17:00:00.000Z',
      },
    });
  });

  it('keeps its first source when it was replayed and fails again', () => {
    const first = toDeadLetter(message(), sourceOf('identity-events', 3, message()), REASON, NOW);
    const again = message({ offset: '99', headers: { ...first.headers } });
    expect(sourceOf('identity-events', 5, again)).toEqual({
      topic: 'identity-events',
      partition: 3,
      offset: '42',
      timestamp: '2025-01-14T17:00:00.000Z',
    });
  });

  it.each([
    { 'dlq-source-topic': 'identity-events' },
    { 'dlq-source-topic': 'identity-events', 'dlq-source-partition': '3' },
    { 'dlq-source-topic': 'identity-events', 'dlq-source-partition': '-1', 'dlq-source-offset': '42' },
    { 'dlq-source-topic': 'identity-events', 'dlq-source-partition': '3', 'dlq-source-offset': 'x' },
    { 'dlq-source-topic': 'of-another-system', 'dlq-source-partition': '3', 'dlq-source-offset': '42' },
    {
      'dlq-source-topic': 'identity-events',
      'dlq-source-partition': '99999999999999',
      'dlq-source-offset': '1',
    },
  ])('ignores source headers that are incomplete, invalid or of another topic: %o', (headers) => {
    expect(sourceOf('identity-events', 5, message({ offset: '7', headers }))).toMatchObject({
      partition: 5,
      offset: '7',
    });
  });
});

describe('a dead letter that is too large', () => {
  const whole = toDeadLetter(message(), sourceOf('identity-events', 3, message()), REASON, NOW);

  it('keeps source and reason, and a mark that it is truncated', () => {
    expect(truncateDeadLetter(whole)).toEqual({
      subject: 'identity-events/3',
      key: Buffer.from('user.account.created'),
      value: null,
      headers: {
        'dlq-reason': 'message_not_json',
        'dlq-detail': 'The message is empty or no JSON',
        'dlq-failed-at': NOW.toISOString(),
        'dlq-source-topic': 'identity-events',
        'dlq-source-partition': '3',
        'dlq-source-offset': '42',
        'dlq-source-timestamp': '2025-01-14T17:00:00.000Z',
        'dlq-truncated': 'true',
      },
    });
  });

  it('loses a key that is itself too large', () => {
    expect(truncateDeadLetter({ ...whole, key: Buffer.alloc(1001) }).key).toBeNull();
  });
});

it('reads the first value of a header', () => {
  expect(textOf(undefined)).toBeNull();
  expect(textOf('text')).toBe('text');
  expect(textOf(Buffer.from('bytes'))).toBe('bytes');
  expect(textOf([Buffer.from('a'), Buffer.from('b')])).toBe('a');
});
