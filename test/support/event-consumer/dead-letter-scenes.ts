import { expect } from '@jest/globals';

import { sleep, waitFor } from '../processes.js';
import {
  deadLettersOf,
  disturbingScene,
  numbered,
  poison,
  recorder,
  scene,
  type ScenePlan,
} from './scene.js';

export const DEAD_LETTER_SCENES: readonly ScenePlan[] = [
  scene(
    'a poison message becomes an unchanged dead letter and does not delay the messages around it',
    async (s) => {
      const bytes = Buffer.from([0x7b, 0xff, 0x22]);
      await s.produce([
        ...numbered(0, 2),
        { key: 'user.account.created', value: bytes, partition: 0, headers: { trace: 'abc' } },
        ...numbered(3, 4),
        { key: 'user.account.created', value: null, partition: 0 },
        ...numbered(5, 6),
      ]);
      const { distinct, handle } = recorder(({ key }) =>
        key === 'user.account.created' ? Promise.reject(poison()) : Promise.resolve('handled'),
      );
      s.consume(handle);
      await waitFor(() => distinct().length === 6, 20_000);
      await waitFor(async () => (await s.committed(0)) === 6, 20_000);
      const messages = await s.deadLetters(2);
      expect(messages).toMatchObject([
        {
          key: 'user.account.created',
          headers: {
            trace: 'abc',
            'dlq-reason': 'message_not_json',
            'dlq-detail': 'The message is empty or no JSON',
            'dlq-source-topic': s.config.topicIdentity,
            'dlq-source-partition': '0',
            'dlq-source-offset': '2',
            'dlq-source-timestamp': expect.stringMatching(/^\d{4}-.*Z$/),
            'dlq-failed-at': expect.stringMatching(/^\d{4}-.*Z$/),
          },
        },
        { key: 'user.account.created', payload: null, headers: { 'dlq-source-offset': '4' } },
      ]);
      expect(distinct().map(({ origin }) => origin)).toEqual(
        [0, 1, 2, 3, 4, 5].map((offset) => s.originOf(0, offset)),
      );
      expect(await s.counted('dead_lettered')).toBe(2);
      expect(await s.counted('handled')).toBe(4);
    },
  ),

  scene('a replayed poison message keeps its first source', async (s) => {
    const headers = {
      'dlq-source-topic': s.config.topicIdentity,
      'dlq-source-partition': '3',
      'dlq-source-offset': '42',
      'dlq-source-timestamp': '2025-01-15T00:00:00.000Z',
    };
    await s.produce([{ key: 'key', value: 'again', partition: 1, headers }]);
    const { distinct, handle } = recorder(() => Promise.reject(poison()));
    s.consume(handle);
    const messages = await waitFor(() => s.deadLetters(1), 20_000);
    expect(distinct().map(({ origin }) => origin)).toEqual([s.originOf(3, 42)]);
    expect(messages[0]?.headers).toMatchObject(headers);
  }),

  disturbingScene(
    'a poison message is delivered again while Kafka is unavailable for its dead letter',
    async (s) => {
      await s.produce(numbered(0, 3));
      let cut = true;
      const { delivered, handle } = recorder(({ value }) => {
        if (value !== '1') return Promise.resolve('handled');
        if (cut) s.kafka.interrupt();
        return Promise.reject(poison());
      });
      s.consume(handle);
      await waitFor(() => delivered.some(({ value }) => value === '1'), 20_000);
      await sleep(1_500);
      expect(await s.counted('dead_lettered')).toBe(0);
      cut = false;
      s.kafka.restore();
      const messages = await waitFor(() => s.deadLetters(1), 40_000);
      expect(messages[0]?.headers['dlq-source-offset']).toBe('1');
      await waitFor(async () => (await s.committed(0)) === 3, 20_000);
    },
  ),

  scene('a poison message keeps its offset uncommitted while its dead letter is rejected', async (s) => {
    await s.produce(numbered(0, 3));
    const { handle } = recorder(({ value }) =>
      value === '1' ? Promise.reject(poison()) : Promise.resolve('handled'),
    );
    const consumer = s.consume(handle);
    // Commits and everything else of Kafka work.
    let refused = 0;
    let refuse = true;
    const deadLetters = deadLettersOf(consumer);
    const send = deadLetters.send.bind(deadLetters);
    deadLetters.send = async (records) => {
      if (!refuse) return send(records);
      refused++;
      throw new Error('not authorised to write there');
    };
    await waitFor(() => refused >= 3, 20_000);
    expect(await s.committed(0)).toBe(1);
    refuse = false;
    await waitFor(async () => (await s.committed(0)) === 3, 20_000);
    expect((await s.deadLetters(1))[0]?.headers['dlq-source-offset']).toBe('1');
  }),

  scene('a dead letter that is too large is truncated so that its partition continues', async (s) => {
    await s.produce(numbered(0, 4));
    const { handle } = recorder(({ value }) =>
      value === '1' || value === '2' ? Promise.reject(poison()) : Promise.resolve('handled'),
    );
    const consumer = s.consume(handle);
    // This producer behaves like a broker with a lower limit for the topic.
    const deadLetters = deadLettersOf(consumer);
    const send = deadLetters.send.bind(deadLetters);
    deadLetters.send = async (records) => {
      if (records.length > 1 || String(records[0]?.value) === '2') {
        throw Object.assign(new Error('The request is too large'), { type: 'MESSAGE_TOO_LARGE' });
      }
      return send(records);
    };
    const messages = await waitFor(() => s.deadLetters(2), 20_000);
    const bySource = new Map(messages.map((message) => [message.headers['dlq-source-offset'], message]));
    expect(bySource.get('1')).toMatchObject({ key: 'key', payload: '1' });
    expect(bySource.get('2')).toMatchObject({
      key: 'key',
      payload: null,
      headers: { 'dlq-reason': 'message_not_json', 'dlq-truncated': 'true' },
    });
    await waitFor(async () => (await s.committed(0)) === 4, 20_000);
  }),

  scene('a message that fails for an unknown reason becomes a dead letter after five attempts', async (s) => {
    await s.produce(numbered(0, 3));
    const { delivered, handle } = recorder(({ value }) =>
      value === '1' ? Promise.reject(new TypeError('a fault')) : Promise.resolve('handled'),
    );
    s.consume(handle);
    const messages = await waitFor(() => s.deadLetters(1), 40_000);
    expect(messages[0]?.headers).toMatchObject({ 'dlq-reason': 'internal_error', 'dlq-source-offset': '1' });
    // The unit test of the judge counts exactly; here a slow dead letter may add attempts.
    expect(delivered.filter(({ value }) => value === '1').length).toBeGreaterThanOrEqual(5);
    await waitFor(async () => (await s.committed(0)) === 3, 20_000);
  }),
];
