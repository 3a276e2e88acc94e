import type { CommandBus } from '@nestjs/cqrs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecordAccountCreatedCommand } from '../../../../src/application/commands/record-account-created/record-account-created.command.js';
import { IdentityEventsListener } from '../../../../src/application/listeners/identity-events.listener.js';
import type { MessageHandler } from '../../../../src/application/ports/event-consumer.port.js';
import { ExactNumber } from '../../../../src/shared/utils/exact-number.js';
import { NOW, unixSeconds } from '../../../support/builders.js';
import { applicationError } from '../../expectations.js';

let executed: unknown[];
let handle: MessageHandler;

beforeEach(() => {
  executed = [];
  const bus = { execute: (command: unknown) => Promise.resolve(void executed.push(command)) };
  const consumer = { start: (handler: MessageHandler) => void (handle = handler) };
  new IdentityEventsListener(consumer, bus as unknown as CommandBus).startWork();
});

const ORIGIN = 'identity-events/3/42';

function deliver(value: unknown, key: string | null = 'user.account.created') {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return handle({ origin: ORIGIN, key, value: Buffer.from(text) });
}

const account = (payload: object = { userId: '42' }, occurredAt: unknown = NOW.toISOString()) => ({
  eventType: 'user.account.created',
  payload,
  occurredAt,
});

describe('IdentityEventsListener', () => {
  it('records a new account', async () => {
    expect(await deliver(account({ userId: '9223372036854775807', installId: 'phone-1', email: 'x' }))).toBe(
      'handled',
    );
    expect(executed).toEqual([
      new RecordAccountCreatedCommand(ORIGIN, '9223372036854775807', 'phone-1', unixSeconds(NOW)),
    ]);
  });

  it('accepts a number as an id only where it is exact', async () => {
    await deliver(account({ userId: 42 }));
    await deliver('{"occurredAt":"2025-01-14T17:00:00Z","payload":{"userId":9007199254740993}}');
    expect(executed).toMatchObject([{ userId: '42' }, { userId: new ExactNumber('9007199254740993') }]);
  });

  it.each([null, 'user.account.deleted', 'USER.ACCOUNT.CREATED', ''])(
    'skips an unknown key with the value %p',
    async (key) => {
      expect(await deliver('no json', key)).toBe('skipped');
      expect(executed).toEqual([]);
    },
  );

  it.each([
    ['2025-01-15T01:00:00+08:00', unixSeconds(NOW)],
    ['2025-01-15T01:00:00.250+0800', unixSeconds(NOW) + 0.25],
    ['2025-01-14T17:00Z', unixSeconds(NOW)],
  ])('reads %s in the zone that it names', async (occurredAt, seconds) => {
    await deliver(account(undefined, occurredAt));
    expect(executed).toMatchObject([{ occurredAt: seconds }]);
  });

  it.each(['', '{', 'undefined', '\u0000'])('rejects a value that is not JSON: %p', async (value) => {
    await expect(deliver(value)).rejects.toEqual(applicationError('message_not_json'));
  });

  it.each([
    ['half a character', Buffer.from([...Buffer.from('{"a":"'), 0xe7, 0x9c, ...Buffer.from('"}')])],
    ['Latin-1', Buffer.from('{"a":"é"}', 'latin1')],
    ['UTF-16', Buffer.from('{"a":"省"}', 'utf16le')],
  ])('rejects a value that is not UTF-8: %s', async (_, value) => {
    await expect(handle({ origin: ORIGIN, key: 'user.account.created', value })).rejects.toMatchObject({
      code: 'message_not_json',
      message: expect.stringContaining('UTF-'),
    });
  });

  it('rejects a message without a value', async () => {
    await expect(handle({ origin: ORIGIN, key: 'user.account.created', value: null })).rejects.toEqual(
      applicationError('message_not_json'),
    );
  });

  it.each([
    ['null'],
    ['[]'],
    ['"text"'],
    ['{}'],
    [account([])],
    [account(null as unknown as object)],
    [account(undefined, undefined) && { payload: { userId: '42' } }],
    [account(undefined, 1736874000)],
    [account(undefined, '2025-01-15T01:00:00')],
    [account(undefined, '2025-01-15')],
    [account(undefined, '2025-13-45T99:00:00Z')],
    [account(undefined, '2025-02-30T00:00:00Z')],
  ])('rejects a value of another shape: %p', async (value) => {
    await expect(deliver(value)).rejects.toEqual(applicationError('message_invalid'));
    expect(executed).toEqual([]);
  });
});
