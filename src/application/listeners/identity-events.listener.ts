import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { BackgroundWork } from '../ports/background-work.port.js';
import { EVENT_CONSUMER, type IEventConsumer, type InboundMessage } from '../ports/event-consumer.port.js';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { decodeJson } from '../../shared/json/decode-json.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { isJsonObject } from '../../shared/utils/exact-json.js';
import { RecordAccountCreatedCommand } from '../commands/record-account-created/record-account-created.command.js';

const ACCOUNT_CREATED = 'user.account.created';

/** Consumes the events of the Identity service that matter here. */
@Injectable()
export class IdentityEventsListener implements BackgroundWork {
  constructor(
    @Inject(EVENT_CONSUMER) private readonly consumer: IEventConsumer,
    private readonly commandBus: CommandBus,
  ) {}

  startWork(): void {
    this.consumer.start((message) => this.handle(message));
  }

  /** @throws ApplicationException `message_not_json`, `message_invalid`; DomainException as the command */
  async handle({ key, value, origin }: InboundMessage): Promise<'handled' | 'skipped'> {
    if (key !== ACCOUNT_CREATED) return 'skipped';
    await this.commandBus.execute(toCommand(origin, value));
    return 'handled';
  }
}

/** Parses `docs/events/schemas/user.account.created.schema.json` and ignores unknown fields. */
function toCommand(origin: string, value: Buffer | null): RecordAccountCreatedCommand {
  const { occurredAt, payload } = objectOf(parse(value), 'The message');
  const { userId, installId } = objectOf(payload, 'payload');
  if (typeof occurredAt !== 'string' || !isInstant(occurredAt)) {
    const rule = 'be an ISO 8601 instant with its zone';
    throw invalid(
      fieldMessage('occurredAt', rule, occurredAt, 'publish one like 2026-01-31T08:00:00Z'),
      'occurredAt',
    );
  }
  return new RecordAccountCreatedCommand(origin, asText(userId), installId, Date.parse(occurredAt) / 1000);
}

function parse(value: Buffer | null): unknown {
  const verdict = decodeJson(value ?? Buffer.alloc(0));
  if ('value' in verdict) return verdict.value;
  throw new ApplicationException('message_not_json', { detail: `The message ${verdict.problem}` });
}

/** Leaves unsafe numbers as they are, to be rejected: the contract allows them as strings only. */
function asText(userId: unknown): unknown {
  return typeof userId === 'number' && Number.isSafeInteger(userId) ? userId.toString() : userId;
}

function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) {
    throw invalid(fieldMessage(name, 'be a JSON object', value, 'publish it as the schema says'), name);
  }
  return value;
}

function invalid(message: string, field: string): ApplicationException {
  return new ApplicationException('message_invalid', { detail: message, field });
}
