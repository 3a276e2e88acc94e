import { DauCalculatedEvent } from '../../../src/domain/events/dau-calculated.event.js';
import type { DomainEvent } from '../../../src/domain/events/domain-event.js';
import { HeartbeatReceivedEvent } from '../../../src/domain/events/heartbeat-received.event.js';
import { SessionStartedEvent } from '../../../src/domain/events/session-started.event.js';
import { toWireValue } from '../../../src/infrastructure/outbox/event-transport.js';
import { readSchemas } from '../../support/event-schemas.js';
import { eventLog, INSTALL, NOW, TODAY, uuid } from '../../support/builders.js';

const MAX_USER = 2n ** 63n - 1n;
/** Chinese and characters of two UTF-16 units, since lengths count characters. */
const LONGEST_INSTALL = `安装${'😀'.repeat(126)}`;

export const SAMPLES: Readonly<Record<string, readonly DomainEvent[]>> = {
  'analytics.session.started': [
    new SessionStartedEvent(MAX_USER, INSTALL, NOW, {
      appVersion: '2.4.0',
      os: 'HarmonyOS',
      osVersion: '5.0.1',
    }),
    new SessionStartedEvent(null, LONGEST_INSTALL, NOW, {}),
    new SessionStartedEvent(1n, 'i'.repeat(8), new Date(0), { os: '鸿蒙 "系统"\\\n' }),
    // Clients send these properties; the event omits blank and wrong parts.
    ...[{}, { os: ' ', osVersion: '', appVersion: 7 }, { os: 'ios', province: '广东省' }].map(
      (properties) => eventLog({ properties, userId: '42' }).sessionStarted!,
    ),
  ],
  'analytics.dau.calculated': [
    new DauCalculatedEvent(TODAY, 0, 1, NOW),
    new DauCalculatedEvent('2024-02-29', 2 ** 31 - 1, 2 ** 31 - 1, NOW),
  ],
  'presence.heartbeat.received': [
    new HeartbeatReceivedEvent(MAX_USER, INSTALL, NOW),
    new HeartbeatReceivedEvent(1n, LONGEST_INSTALL, NOW),
  ],
};

/** Returns the JSON value of an event as subscribers parse it. */
export function onTheWire(event: DomainEvent): unknown {
  const { eventType, subject, occurredAt } = event;
  return JSON.parse(
    toWireValue({ eventId: uuid(1), eventType, subject, occurredAt, payload: event.toPayload() }),
  );
}

/** Returns a valid value with every documented field. */
export function complete(type: string): unknown {
  const [sample] = SAMPLES[type] ?? [];
  return sample === undefined
    ? (readSchemas('schemas').get(type)?.['examples'] as unknown[])[0]
    : onTheWire(sample);
}
