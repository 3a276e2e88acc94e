import { describe, expect, it } from '@jest/globals';
import {
  MultipleErrors,
  NetworkError,
  ProtocolError,
  ResponseError,
  TimeoutError,
  UserError,
} from '@platformatic/kafka';
import {
  PublishingError,
  storedDespite,
} from '../../../../../src/infrastructure/kafka/platformatic/platformatic-errors.js';

const NOT_LEADER = 6;
const MESSAGE_TOO_LARGE = 10;
const NOT_AUTHORIZED = 29;
const PRODUCE = 0;

/** Wraps an error as the library does after its repeats. */
const repeated = (error: Error) =>
  new MultipleErrors('Producing messages failed.', [
    new MultipleErrors('produce failed 3 times.', [error, error]),
  ]);
const refused = (code: number) =>
  repeated(new ResponseError(PRODUCE, 7, { '/responses/0': [code, null] }, {}));

describe('PublishingError', () => {
  it('names the reason once, without the repeats around it', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:9092');
    const error = new PublishingError(
      repeated(new NetworkError('Connection to kafka:9092 failed.', { cause })),
    );
    expect(error.message).toBe('Connection to kafka:9092 failed.; connect ECONNREFUSED 127.0.0.1:9092');
  });

  it.each([
    [
      'a refused connection',
      repeated(new NetworkError('closed')),
      { isConnectionError: true, isTransient: true },
    ],
    [
      'a request without an answer',
      new TimeoutError('Request timed out'),
      { isConnectionError: true, isTransient: true },
    ],
    ['another leader', refused(NOT_LEADER), { isConnectionError: false, isTransient: true }],
    [
      'a topic that brokers do not know yet',
      new UserError('Unknown topic a.'),
      { isConnectionError: false, isTransient: true },
    ],
    [
      'a missing right',
      refused(NOT_AUTHORIZED),
      { isConnectionError: false, isTransient: false, isTooLarge: false },
    ],
    ['a batch that is too large', refused(MESSAGE_TOO_LARGE), { isTransient: false, isTooLarge: true }],
    [
      'any other error',
      new TypeError('x'),
      { isConnectionError: false, isTransient: false, isTooLarge: false },
    ],
  ])('knows what follows from %s', (_, cause, expected) => {
    expect(new PublishingError(cause)).toMatchObject(expected);
  });

  it('lists the refusals of the broker by their names in the protocol', () => {
    expect(new PublishingError(new ProtocolError(NOT_AUTHORIZED)).refusals).toEqual([
      'TOPIC_AUTHORIZATION_FAILED',
    ]);
  });
});

describe('storedDespite()', () => {
  it('returns the partitions that were stored although the call failed for others', () => {
    const produced = { offsets: [{ topic: 'a', partition: 3, offset: 1n }] };
    expect(storedDespite(Object.assign(refused(NOT_LEADER), { produced }))).toEqual(new Set([3]));
    expect(storedDespite(new TypeError('x'))).toEqual(new Set());
  });
});
