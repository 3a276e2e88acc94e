import { Inject, Injectable } from '@nestjs/common';
import { EventLog } from '../../domain/entities/event-log.entity.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../ports/event-id-generator.port.js';
import { clockSkewMs, EventTimeService } from '../../domain/services/event-time.service.js';
import { EventId } from '../../domain/value-objects/event-id.vo.js';
import { EventName } from '../../domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../domain/value-objects/event-properties.vo.js';
import { InstallId } from '../../domain/value-objects/install-id.vo.js';
import { UserId } from '../../domain/value-objects/user-id.vo.js';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import type { EventItem, RejectedEvent } from '../commands/record-events/record-events.command.js';

export interface ParseContext {
  readonly receivedAt: Date;
  readonly sentAt?: number | undefined;
  readonly authenticatedUserId?: bigint | undefined;
  /** Whether a `userId` counts without a token that says the same; by default it does. */
  readonly trustsUserId?: boolean;
}

export interface ParsedEvents {
  readonly events: readonly EventLog[];
  readonly rejected: readonly RejectedEvent[];
}

/** Turns what clients sent into events of the domain; each one alone is good, or rejected with its reason. */
@Injectable()
export class EventParser {
  constructor(
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    private readonly eventTimes: EventTimeService,
  ) {}

  parse(items: readonly unknown[], context: ParseContext): ParsedEvents {
    const events: EventLog[] = [];
    const rejected: RejectedEvent[] = [];
    const skewMs = clockSkewMs(context.sentAt, context.receivedAt);
    items.forEach((item, index) => {
      try {
        events.push(this.parseEvent(item, skewMs, context));
      } catch (error) {
        if (!(error instanceof DomainException)) throw error;
        rejected.push(rejection(item, index, error));
      }
    });
    return { events, rejected };
  }

  private parseEvent(item: unknown, skewMs: number, context: ParseContext): EventLog {
    if (!isObject(item)) throw new DomainException('event_invalid');
    const eventName = EventName.fromString(item.eventName);
    const installId = InstallId.fromString(item.installId);
    const userId = resolveUser(item.userId, context);
    const times = this.eventTimes.resolve(item.clientTs, skewMs, context.receivedAt);
    const properties = EventProperties.fromData(item.properties);
    const eventId =
      item.eventId === undefined || item.eventId === null
        ? this.ids.next(context.receivedAt)
        : EventId.fromString(item.eventId);
    return EventLog.create({ eventId, userId, installId, eventName, properties, ...times });
  }
}

/**
 * The token's user fills a gap; somebody else's id under a token is refused. An empty one means none, as the spec has
 * it. Without a token an id is a claim: where such claims are not trusted, the event is nobody's but its install's.
 */
function resolveUser(
  input: unknown,
  { authenticatedUserId: authenticated, trustsUserId = true }: ParseContext,
): UserId | null {
  const named = input === undefined || input === null || input === '' ? null : UserId.fromString(input);
  if (authenticated === undefined) return trustsUserId ? named : null;
  if (named !== null && named.value !== authenticated) {
    throw new DomainException('user_id_mismatch', { field: 'userId' });
  }
  return named ?? UserId.fromToken(authenticated);
}

function rejection(item: unknown, index: number, error: DomainException): RejectedEvent {
  const eventId = isObject(item) ? item.eventId : undefined;
  return {
    index,
    // Echoed so that the client finds its event again; anything but a short text would only bloat the answer.
    ...(typeof eventId === 'string' && eventId.length <= 36 && eventId.isWellFormed() && { eventId }),
    code: error.code,
    ...(error.field !== undefined && { field: error.field }),
    message: error.message,
  };
}

function isObject(value: unknown): value is EventItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
