import { formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { SessionStartedEvent } from '../events/session-started.event.js';
import { DeviceInfo } from '../value-objects/device-info.vo.js';
import type { EventId } from '../value-objects/event-id.vo.js';
import type { EventName } from '../value-objects/event-name.vo.js';
import type { EventProperties } from '../value-objects/event-properties.vo.js';
import type { InstallId } from '../value-objects/install-id.vo.js';
import type { UserId } from '../value-objects/user-id.vo.js';

interface EventLogProps {
  readonly eventId: EventId;
  readonly userId: UserId | null;
  readonly installId: InstallId;
  readonly eventName: EventName;
  readonly eventTime: Date;
  readonly clientTime: Date;
  readonly properties: EventProperties;
}

/** An event that happened on a device. Immutable. */
export class EventLog implements EventLogProps {
  readonly eventId: EventId;
  readonly userId: UserId | null;
  readonly installId: InstallId;
  readonly eventName: EventName;
  /** Time of the event, corrected when the device clock was wrong. */
  readonly eventTime: Date;
  /** Time of the event by the device's clock; differs from {@link eventTime} only after a correction. */
  readonly clientTime: Date;
  readonly properties: EventProperties;

  private constructor(props: EventLogProps) {
    this.eventId = props.eventId;
    this.userId = props.userId;
    this.installId = props.installId;
    this.eventName = props.eventName;
    this.eventTime = props.eventTime;
    this.clientTime = props.clientTime;
    this.properties = props.properties;
  }

  static create(props: EventLogProps): EventLog {
    return new EventLog(props);
  }

  /** Returns this event at the times that another copy of it has fixed. */
  withTimes(times: Pick<EventLogProps, 'eventTime' | 'clientTime'>): EventLog {
    const { eventId, userId, installId, eventName, properties } = this;
    return new EventLog({ eventId, userId, installId, eventName, properties, ...times });
  }

  /** Identity that the event counts for: the user if known, else the install; `u:42` is not `i:42`. */
  get dauIdentifier(): string {
    return this.userId === null ? `i:${this.installId.value}` : `u:${this.userId.toString()}`;
  }

  /** Day in Asia/Shanghai that the event counts for. */
  get day(): DateKey {
    return formatToDateKey(this.eventTime);
  }

  get isTimeCorrected(): boolean {
    return this.eventTime.getTime() !== this.clientTime.getTime();
  }

  /** Domain event that this event stands for, if any. */
  get sessionStarted(): SessionStartedEvent | null {
    if (!this.eventName.isDauEvent()) return null;
    const device = DeviceInfo.create({ os: this.properties.os, osVersion: this.properties.osVersion });
    const { appVersion } = this.properties;
    return new SessionStartedEvent(this.userId?.value ?? null, this.installId.value, this.eventTime, {
      ...(appVersion !== undefined && { appVersion }),
      ...(device.os !== undefined && { os: device.os }),
      ...(device.osVersion !== undefined && { osVersion: device.osVersion }),
    });
  }
}
