import { describe, expect, it } from '@jest/globals';
import { DEAD_LETTER_HEADERS } from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { readSchemas } from '../../support/event-schemas.js';
import {
  CONSUMED,
  DEAD_LETTER_HEADER_NAMES,
  EVENT_HEADERS,
  IDENTITY_GROUP,
  IDENTITY_TOPIC,
  TOPIC,
  TRACE_HEADER,
} from './agreed-names.js';
import {
  asyncapiErrors,
  at,
  document,
  messagesOf,
  referencesIn,
  target,
  withFiles,
} from './asyncapi-document.js';
import { withValue } from './schema-paths.js';

const schemas = readSchemas('schemas');

describe('docs/events/asyncapi.yaml', () => {
  it('is an AsyncAPI 3.0.0 document', () => {
    expect(asyncapiErrors(document)).toEqual([]);
  });

  it('is an AsyncAPI 3.0.0 document when its files are inlined', () => {
    expect(asyncapiErrors(withFiles(document))).toEqual([]);
  });

  it('is rejected with a mistake in it', () => {
    expect(
      asyncapiErrors(withValue(document, 'operations.publishDauCalculated.action', 'publish')),
    ).not.toEqual([]);
    expect(asyncapiErrors(withValue(document, 'channels.analyticsEvents.topic', TOPIC))).not.toEqual([]);
    expect(asyncapiErrors(withValue(document, 'info.title', undefined))).not.toEqual([]);
    expect(
      asyncapiErrors(withValue(document, 'components.messages.dauCalculated.bindings.kafka.key', 7)),
    ).not.toEqual([]);
  });

  it.each([...new Set(referencesIn(document))])('resolves the reference %s', (ref) => {
    expect(target(ref)).toBeDefined();
  });

  it('names topics, group and headers as other teams know them', () => {
    expect(at('channels', 'analyticsEvents', 'address')).toBe(TOPIC);
    expect(at('channels', 'identityEvents', 'address')).toBe(IDENTITY_TOPIC);
    expect(at('channels', 'identityDeadLetters', 'address')).toBe(`${IDENTITY_TOPIC}.dlq`);
    for (const channel of ['analyticsEvents', 'identityEvents', 'identityDeadLetters'])
      expect(at('channels', channel, 'bindings', 'kafka', 'topic')).toBe(at('channels', channel, 'address'));
    expect(at('operations', 'receiveUserAccountCreated', 'bindings', 'kafka', 'groupId', 'const')).toBe(
      IDENTITY_GROUP,
    );
    const deadLetter = at('components', 'messages', 'deadLetter', 'headers');
    const required = (deadLetter as { required: string[] }).required;
    expect([...required, DEAD_LETTER_HEADERS.truncated].sort()).toEqual([...DEAD_LETTER_HEADER_NAMES].sort());
    expect(Object.keys((deadLetter as { properties: object }).properties).sort()).toEqual(
      [...DEAD_LETTER_HEADER_NAMES].sort(),
    );
  });

  it('documents the direction of each operation', () => {
    const operations = Object.entries(
      at('operations') as Record<string, { action: string; channel: { $ref: string } }>,
    );
    expect(operations.map(([name, { action, channel }]) => `${name}: ${action} ${channel.$ref}`)).toEqual([
      'publishSessionStarted: send #/channels/analyticsEvents',
      'publishDauCalculated: send #/channels/analyticsEvents',
      'publishHeartbeatReceived: send #/channels/analyticsEvents',
      'receiveUserAccountCreated: receive #/channels/identityEvents',
      'sendDeadLetter: send #/channels/identityDeadLetters',
      'replayReadDeadLetters: receive #/channels/identityDeadLetters',
      'replaySendToTopic: send #/channels/identityEvents',
    ]);
  });

  it.each([...messagesOf('analyticsEvents'), ...messagesOf('identityEvents')])(
    'describes %s by its key, its headers and its schema',
    (type, message) => {
      const place = ['components', 'messages', message];
      expect(at(...place, 'bindings', 'kafka', 'key')).toEqual({ type: 'string', const: type });
      expect(at(...place, 'contentType')).toBe('application/json');
      expect(at(...place, 'payload', 'schemaFormat')).toBe('application/schema+json;version=draft-07');
      expect(at(...place, 'payload', 'schema')).toEqual(schemas.get(type));
      if (type === CONSUMED) return;
      expect(at(...place, 'payload', 'schema', 'properties', 'eventType', 'const')).toBe(type);
      const headers = at(...place, 'headers');
      expect(headers).toMatchObject({ required: EVENT_HEADERS });
      expect(Object.keys((headers as { properties: object }).properties)).toEqual([
        ...EVENT_HEADERS,
        TRACE_HEADER,
      ]);
    },
  );
});
