import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventLog } from '../../../domain/entities/event-log.entity.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../../ports/event-id-generator.port.js';
import { EventTimeService, type EventTimes } from '../../../domain/services/event-time.service.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../../domain/value-objects/event-properties.vo.js';
import { InstallId } from '../../../domain/value-objects/install-id.vo.js';
import { UserId } from '../../../domain/value-objects/user-id.vo.js';
import { DomainException } from '../../../shared/exceptions/domain.exception.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';
import { EventRecorder } from '../../services/event-recorder.service.js';
import { RecordAccountCreatedCommand } from './record-account-created.command.js';

/** Install id of accounts that were not created on a device. */
const NO_INSTALL = 'identity-service';

@CommandHandler(RecordAccountCreatedCommand)
export class RecordAccountCreatedHandler implements ICommandHandler<RecordAccountCreatedCommand> {
  /** Accepts any age: a message may be consumed long after its event. */
  private readonly eventTimes = new EventTimeService(null);

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    private readonly recorder: EventRecorder,
  ) {}

  /** @throws DomainException when a field is not acceptable */
  async execute({ origin, userId, installId, occurredAt }: RecordAccountCreatedCommand): Promise<void> {
    const event = EventLog.create({
      eventId: this.ids.fromContent(origin),
      userId: UserId.fromString(userId),
      installId: InstallId.fromString(installId ?? NO_INSTALL),
      eventName: EventName.USER_ACCOUNT_CREATED,
      properties: EventProperties.empty(),
      ...this.timesOf(occurredAt),
    });
    await this.recorder.record([event]);
  }

  /** Applies the rule for event times, and names the publisher's field in the error. */
  private timesOf(occurredAt: number): EventTimes {
    try {
      return this.eventTimes.resolve(occurredAt, 0, this.clock.now());
    } catch (error) {
      if (!(error instanceof DomainException)) throw error;
      throw new DomainException(error.code, {
        detail: fieldMessage(
          'occurredAt',
          'lie between 1970 and ten minutes from now',
          new Date(occurredAt * 1000).toISOString(),
          'correct the clock of the publisher',
        ),
        field: 'occurredAt',
      });
    }
  }
}
