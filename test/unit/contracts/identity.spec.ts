import type { CommandBus } from '@nestjs/cqrs';
import { describe, expect, it } from '@jest/globals';
import type { RecordAccountCreatedCommand } from '../../../src/application/commands/record-account-created/record-account-created.command.js';
import { RecordAccountCreatedHandler } from '../../../src/application/commands/record-account-created/record-account-created.handler.js';
import { IdentityEventsListener } from '../../../src/application/listeners/identity-events.listener.js';
import type { EventRecorder } from '../../../src/application/services/event-recorder.service.js';
import { isServiceException } from '../../../src/shared/exceptions/service-exception.js';
import { NOW } from '../../support/builders.js';
import { checkOf, readSchemas } from '../../support/event-schemas.js';
import { FixedClock } from '../../support/contracts/clock/fake.js';
import { SequentialEventIds } from '../../support/contracts/event-id-generator/fake.js';

const TYPE = 'user.account.created';
const schema = readSchemas('schemas').get(TYPE)!;

/** Passes a message through the code up to the point where it is stored. */
async function isHandled(value: unknown): Promise<boolean> {
  const recorder = { record: () => Promise.resolve({ accepted: 1, duplicates: 0 }) };
  const handler = new RecordAccountCreatedHandler(
    new FixedClock(new Date('2026-12-01T00:00:00Z')),
    new SequentialEventIds(),
    recorder as unknown as EventRecorder,
  );
  const bus = { execute: (command: RecordAccountCreatedCommand) => handler.execute(command) };
  const listener = new IdentityEventsListener({ start: () => undefined }, bus as unknown as CommandBus);
  try {
    await listener.handle({
      origin: 'identity-events/0/0',
      key: TYPE,
      value: Buffer.from(JSON.stringify(value)),
    });
    return true;
  } catch (error) {
    if (isServiceException(error)) return false;
    throw error;
  }
}

const isValid = (value: unknown): boolean => checkOf(schema)(value).length === 0;

const account = (payload: unknown, occurredAt: unknown = NOW.toISOString()): unknown => ({
  occurredAt,
  payload,
});

describe('a message that the schema of consumed accounts accepts', () => {
  it.each([
    ...(schema['examples'] as unknown[]),
    account({ userId: '1' }),
    account({ userId: '9223372036854775807' }),
    account({ userId: 2 ** 53 - 1 }),
    account({ userId: '42', installId: 'i'.repeat(8) }),
    account({ userId: '42', installId: '省'.repeat(128) }),
    account({ userId: '42', email: 'ignored' }),
    account({ userId: '42', installId: null }),
    account({ userId: '42' }, '1970-01-01T00:00:00Z'),
    account({ userId: '42' }, '2024-02-29T23:59:59.999999999+14:00'),
  ])('%j', async (value) => {
    expect(isValid(value)).toBe(true);
    expect(await isHandled(value)).toBe(true);
  });
});

describe('a message that the schema of consumed accounts rejects', () => {
  it.each([
    ...[null, [], 'text', 42, {}],
    account(undefined),
    account(null),
    account([]),
    account({}),
    account({ userId: null }),
    account({ userId: '' }),
    account({ userId: '0' }),
    account({ userId: '-1' }),
    account({ userId: '042' }),
    account({ userId: '9223372036854775808' }),
    account({ userId: 2 ** 53 }),
    account({ userId: 1.5 }),
    account({ userId: 0 }),
    account({ userId: '42', installId: 'short' }),
    account({ userId: '42', installId: 'i'.repeat(129) }),
    account({ userId: '42', installId: 42 }),
    account({ userId: '42', installId: 'with\u0000nul' }),
    account({ userId: '42' }, null),
    account({ userId: '42' }, 1736874000),
    account({ userId: '42' }, '2025-01-15'),
    account({ userId: '42' }, '2025-01-15T01:00:00'),
    account({ userId: '42' }, '2025-02-30T00:00:00Z'),
    account({ userId: '42' }, '2025-02-28T25:00:00Z'),
  ])('%j', async (value) => {
    expect(isValid(value)).toBe(false);
    expect(await isHandled(value)).toBe(false);
  });
});
