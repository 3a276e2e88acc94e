import { DEAD_LETTER_HEADERS } from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';

// Names that other teams depend on; a change needs their agreement.
export const TOPIC = 'analytics-events';
export const IDENTITY_TOPIC = 'identity-events';
export const IDENTITY_GROUP = 'analytics-presence-group';
export const DEAD_LETTER_HEADER_NAMES = Object.values(DEAD_LETTER_HEADERS);
export const EVENT_HEADERS = ['event-id', 'event-type', 'content-type'];
/** There when what caused the event is part of a trace. */
export const TRACE_HEADER = 'traceparent';
export const PUBLISHED = [
  'analytics.dau.calculated',
  'analytics.session.started',
  'presence.heartbeat.received',
];
export const CONSUMED = 'user.account.created';
