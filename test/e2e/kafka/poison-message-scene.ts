import { expect } from '@jest/globals';

import type { RawMessage } from '../../support/kafka/topics.js';
import { runBuilt } from '../../support/service.js';
import { account, accounts, AT, consumed, expectRecorded, KEY, recorded } from './accounts.js';
import type { Account, Stage } from './stage.js';
import { BIGGEST_ID, PARTITIONS, readAll } from './topics.js';

/** Mixes poison messages with valid ones, then replays the dead letters. */
export async function separatePoisonMessages(stage: Stage): Promise<void> {
  const big = 'x'.repeat(200_000);
  const good: { message: RawMessage; account: Account }[] = [
    { user: BIGGEST_ID, install: 'phone-of-li-wei', at: '2026-01-15T07:38:11.384+08:00' },
    { user: '9007199254740993', at: '2025-06-15T04:00:00.001Z' },
    { user: '1' },
    // A user id may be an exact number, and unknown fields are allowed.
    { user: '77', value: `{"occurredAt":"${AT}","payload":{"userId":77,"note":"${big}"}}` },
    { user: '42' },
    { user: '43' },
  ].map(({ user, install, at = AT, value }, i) => ({
    message: { key: KEY, value: value ?? account({ user, install, at }), partition: i % PARTITIONS },
    account: {
      user,
      install: install ?? 'identity-service',
      at: new Date(at).toISOString(),
      name: 'user_account_created',
    },
  }));
  const bad: { readonly reason: string; readonly value: string | Buffer | null }[] = [
    { reason: 'message_not_json', value: Buffer.from([0x7b, 0xff, 0x22]) },
    { reason: 'message_not_json', value: null },
    { reason: 'message_not_json', value: '' },
    { reason: 'message_not_json', value: big },
    { reason: 'message_invalid', value: '{}' },
    { reason: 'message_invalid', value: '[]' },
    { reason: 'message_invalid', value: account({ user: '5', at: '2025-06-15T04:00:00' }) },
    { reason: 'user_id_invalid', value: `{"occurredAt":"${AT}","payload":{}}` },
    { reason: 'user_id_invalid', value: `{"occurredAt":"${AT}","payload":{"userId":9007199254740993}}` },
    { reason: 'user_id_invalid', value: account({ user: '9223372036854775808' }) },
    { reason: 'install_id_invalid', value: account({ user: '5', install: 'short' }) },
    { reason: 'event_in_future', value: account({ user: '5', at: '2999-01-01T00:00:00Z' }) },
  ];
  const unknown: RawMessage[] = [
    { key: 'user.account.deleted', value: account({ user: '5' }), partition: 0 },
    { key: null, value: account({ user: '5' }), partition: 1 },
    { key: 'unknown', value: 'no JSON', partition: 2 },
  ];
  const poison = bad.map(({ value }, i): RawMessage => ({
    key: KEY,
    value,
    partition: i % PARTITIONS,
    headers: { trace: `trace-${i}` },
  }));
  // Valid messages come before, between and after the poison messages.
  const messages = [
    ...good.slice(0, 4).map(({ message }) => message),
    ...poison.slice(0, 6),
    ...unknown,
    ...good.slice(4).map(({ message }) => message),
    ...poison.slice(6),
    ...accounts(0, 8),
  ];
  const sourceOf = (message: RawMessage): { partition: string; offset: string } => ({
    partition: String(message.partition),
    offset: String(messages.filter(({ partition }) => partition === message.partition).indexOf(message)),
  });
  const expectedAccounts = [...good.map(({ account: each }) => each), ...recorded(0, 8)].sort((a, b) =>
    BigInt(a.user) < BigInt(b.user) ? -1 : 1,
  );
  const expectedLetters = poison.map((message, i) => ({
    key: KEY,
    // kcat replaces bytes that are not UTF-8, and prints an empty payload like a missing one.
    payload: message.value === null || message.value === '' ? null : message.value.toString(),
    headers: {
      trace: `trace-${i}`,
      'dlq-reason': bad[i]!.reason,
      'dlq-detail': expect.stringMatching(/\w/),
      'dlq-source-topic': stage.identityTopic,
      'dlq-source-partition': sourceOf(message).partition,
      'dlq-source-offset': sourceOf(message).offset,
      'dlq-source-timestamp': expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]{12}Z$/),
      'dlq-failed-at': expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]{12}Z$/),
    },
  }));
  const traceOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
    Number(headers['trace']?.slice('trace-'.length));
  const letters = async () =>
    (await readAll(stage.kafka, `${stage.identityTopic}.dlq`))
      .map(({ key, payload, headers }) => ({ key, payload: payload === '' ? null : payload, headers }))
      .sort((a, b) => traceOf(a) - traceOf(b));

  await stage.createIdentityTopic();
  await stage.produce(messages);
  const service = await stage.start();
  await expectRecorded(stage, expectedAccounts);
  expect(await letters()).toEqual(expectedLetters);
  const outcomes = async () => ({
    handled: await consumed(stage, service, 'handled'),
    skipped: await consumed(stage, service, 'skipped'),
    dead: await consumed(stage, service, 'dead_lettered'),
  });
  expect(await outcomes()).toEqual({
    handled: expectedAccounts.length,
    skipped: unknown.length,
    dead: bad.length,
  });

  // The replay covers every dead letter; one repaired message is produced by hand.
  const replay = await runBuilt('src/cli/dlq-replay.js', [], stage.settings());
  expect(replay).toMatchObject({ exitCode: 0 });
  expect(replay.output).toContain(
    `${bad.length} replayed to ${stage.identityTopic}, of ${bad.length} dead letters`,
  );
  const [{ message: known }] = good as [(typeof good)[0]];
  const source = sourceOf(known);
  await stage.produce([
    {
      ...known,
      partition: 1,
      headers: {
        'dlq-source-topic': stage.identityTopic,
        'dlq-source-partition': source.partition,
        'dlq-source-offset': source.offset,
      },
    },
  ]);
  await expectRecorded(stage, expectedAccounts);
  expect(await letters()).toEqual(expectedLetters.flatMap((letter) => [letter, letter]));
  expect(await outcomes()).toEqual({
    handled: expectedAccounts.length + 1,
    skipped: unknown.length,
    dead: 2 * bad.length,
  });
  await stage.stop(service);
}
