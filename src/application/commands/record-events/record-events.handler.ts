import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { eventsRejectedTotal, eventsTotal } from '../../../shared/metrics/metrics.js';
import { EventRecorder } from '../../services/event-recorder.service.js';
import { EventParser } from '../../services/event-parser.service.js';
import { withClosedDays } from '../../services/closed-days.js';
import { RecordEventsCommand, type RecordEventsResult, type RejectedEvent } from './record-events.command.js';

/** Provides whether a `userId` in a body is accepted without a token that confirms it. */
export const TRUSTS_BODY_USER_ID = Symbol('TrustsBodyUserId');

@CommandHandler(RecordEventsCommand)
export class RecordEventsHandler implements ICommandHandler<RecordEventsCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    private readonly parser: EventParser,
    private readonly recorder: EventRecorder,
    @Inject(TRUSTS_BODY_USER_ID) private readonly trustsUserId: boolean,
  ) {}

  async execute(command: RecordEventsCommand): Promise<RecordEventsResult> {
    const parsed = this.parser.parse(command.events, {
      receivedAt: this.clock.now(),
      sentAt: command.sentAt,
      authenticatedUserId: command.authenticatedUserId,
      trustsUserId: this.trustsUserId,
    });
    countRejected(parsed.rejected);
    const { accepted, duplicates, closed } = await this.recorder.record(parsed.events);
    const rejected = withClosedDays(command.events, parsed, closed);
    countRejected(rejected.filter((each) => !parsed.rejected.includes(each)));
    return {
      accepted,
      duplicates,
      failed: rejected.length,
      ...(rejected.length > 0 && {
        errors: rejected.map((r) => `Event[${r.index}]: ${r.message}`),
        rejected,
      }),
    };
  }
}

function countRejected(rejected: readonly RejectedEvent[]): void {
  eventsTotal.inc({ result: 'rejected' }, rejected.length);
  for (const { code } of rejected) eventsRejectedTotal.inc({ code });
}
