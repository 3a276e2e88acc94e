import { beforeEach, describe, expect, it } from '@jest/globals';
import { isConnectionError, isTooLarge } from '../../../../src/infrastructure/kafka/kafka-producer.js';
import { PublishHealth } from '../../../../src/infrastructure/kafka/publish-health.js';

const REFUSAL = Object.assign(new Error('Not authorized'), { name: 'KafkaJSProtocolError' });

describe('PublishHealth', () => {
  let nowMs: number;
  let health: PublishHealth;

  beforeEach(() => {
    nowMs = 0;
    health = new PublishHealth(
      (error) => isTooLarge(error) || isConnectionError(error),
      () => nowMs,
    );
  });

  const fail = (error: Error) => expect(health.watch(() => Promise.reject(error))).rejects.toBe(error);

  it('fails with the error of the last write until a write is acknowledged', async () => {
    await fail(REFUSAL);
    expect(() => health.check()).toThrow(REFUSAL);
    await health.watch(() => Promise.resolve());
    health.check();
  });

  it('forgets a refusal after a minute without another one', async () => {
    await fail(REFUSAL);
    nowMs = 59_999;
    expect(() => health.check()).toThrow(REFUSAL);
    nowMs = 60_000;
    health.check();
  });

  it.each([
    ['a lost connection', Object.assign(new Error('closed'), { name: 'KafkaJSConnectionError' })],
    [
      'retries that ended with a lost connection',
      new Error('retries', { cause: Object.assign(new Error(), { name: 'KafkaJSConnectionClosedError' }) }),
    ],
    ['a batch that is too large', Object.assign(new Error('large'), { type: 'MESSAGE_TOO_LARGE' })],
  ])('leaves the verdict on %s to the requests of the check', async (_, error) => {
    await fail(error);
    health.check();
  });
});
