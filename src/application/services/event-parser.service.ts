import { Inject, Injectable } from '@nestjs/common';
import { EventLog } from '../../domain/entities/event-log.entity.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../ports/event-id-generator.port.js';
import { clockSkewMs, EventTimeService } from '../../domain/services/event-time.service.js';
import { EventId } from '../../domain/value-objects/event-id.vo.js';
import { EventName } from '../../domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../domain/value-objects/event-properties.vo.js';
import { InstallId } from '../../domain/value-objects/install-id.vo.js';
import { placeNames, type PlaceNames, type PlaceNaming } from '../../domain/value-objects/place-names.vo.js';
import { UserId } from '../../domain/value-objects/user-id.vo.js';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { isJsonObject } from '../../shared/utils/exact-json.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import type { EventItem, RejectedEvent } from '../commands/record-events/record-events.command.js';
import { parseEach, reasonOf } from './parse-each.js';

/** Provides how the places of events are named. */
export const PLACE_NAMING = Symbol('PlaceNaming');

export interface ParseContext {
  readonly receivedAt: Date;
  readonly sentAt?: number | undefined;
  readonly authenticatedUserId?: bigint | undefined;
  /** Accepts a `userId` without a token that confirms it; true by default. */
  readonly trustsUserId?: boolean;
}

export interface ParsedEvents {
  readonly events: readonly EventLog[];
  readonly rejected: readonly RejectedEvent[];
}

/** Facts that the events of a request share. */
interface RequestContext {
  readonly receivedAt: Date;
  readonly skewMs: number;
  readonly hasSentAt: boolean;
  readonly userOfToken: UserId | null;
  readonly trustsUserId: boolean;
}

/** Turns the events of a request into domain events, and rejects the bad ones with a reason each. */
@Injectable()
export class EventParser {
  private readonly placeNames: PlaceNames;

  constructor(
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    private readonly eventTimes: EventTimeService,
    @Inject(PLACE_NAMING) placeNaming: PlaceNaming,
  ) {
    this.placeNames = placeNames(placeNaming);
  }

  parse(inputs: readonly unknown[], context: ParseContext): ParsedEvents {
    const request = toRequestContext(context);
    const { parsed, rejected } = parseEach(inputs, (input) => this.parseEvent(input, request), rejection);
    return { events: parsed, rejected };
  }

  private parseEvent(input: unknown, request: RequestContext): EventLog {
    if (!isObject(input)) {
      throw new DomainException('event_invalid', {
        detail: fieldMessage(
          'An event',
          'be a JSON object',
          input,
          'send an object with eventName, installId and clientTs',
        ),
      });
    }
    const eventName = EventName.fromString(input.eventName);
    const installId = InstallId.fromString(input.installId);
    const userId = resolveUser(input.userId, request);
    const { eventTime, clientTime } = this.eventTimes.resolve(
      input.clientTs,
      request.skewMs,
      request.receivedAt,
      request.hasSentAt,
    );
    const properties = EventProperties.fromData(input.properties, this.placeNames);
    const eventId =
      input.eventId === undefined || input.eventId === null
        ? this.ids.next(request.receivedAt)
        : EventId.fromString(input.eventId);
    return EventLog.create({ eventId, userId, installId, eventName, eventTime, clientTime, properties });
  }
}

function toRequestContext({
  receivedAt,
  sentAt,
  authenticatedUserId,
  trustsUserId = true,
}: ParseContext): RequestContext {
  return {
    receivedAt,
    skewMs: clockSkewMs(sentAt, receivedAt),
    hasSentAt: sentAt !== undefined,
    userOfToken: authenticatedUserId === undefined ? null : UserId.fromToken(authenticatedUserId),
    trustsUserId,
  };
}

/**
 * Fills a missing user from the token and rejects another user under it; an empty id means none. Without a
 * token an id is a claim, which counts only where it is trusted (docs/security.md).
 */
function resolveUser(input: unknown, { userOfToken, trustsUserId }: RequestContext): UserId | null {
  const named = input === undefined || input === null || input === '' ? null : UserId.fromString(input);
  if (userOfToken === null) return trustsUserId ? named : null;
  if (named !== null && !named.equals(userOfToken)) {
    throw new DomainException('user_id_mismatch', { detail: explainMismatch(trustsUserId), field: 'userId' });
  }
  return userOfToken;
}

/** Names the way on which the event is not lost: its user may have no token any more. */
function explainMismatch(trustsUserId: boolean): string {
  const outcome = trustsUserId
    ? 'its userId then counts'
    : "it then counts for its install, and for its user only under that user's own token";
  return `userId is not the user of the token, so the event was not stored. Keep it and send it again without a token: ${outcome}`;
}

/** Returns the verdict on a bad event. */
export function rejection(input: unknown, index: number, error: DomainException): RejectedEvent {
  const eventId = isObject(input) ? input.eventId : undefined;
  return {
    index,
    // Echoes short ids only: they help the client find its event, long ones would bloat the answer.
    ...(typeof eventId === 'string' && eventId.length <= 36 && eventId.isWellFormed() && { eventId }),
    ...reasonOf(error),
  };
}

function isObject(value: unknown): value is EventItem {
  return isJsonObject(value);
}
