import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import asyncapi from '@asyncapi/specs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { load } from 'js-yaml';
import { DauCalculatedEvent } from '../../../src/domain/events/dau-calculated.event.js';
import type { DomainEvent } from '../../../src/domain/events/domain-event.js';
import { HeartbeatReceivedEvent } from '../../../src/domain/events/heartbeat-received.event.js';
import { SessionStartedEvent } from '../../../src/domain/events/session-started.event.js';
import { DEAD_LETTER_HEADERS } from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { toWireValue } from '../../../src/infrastructure/outbox/event-transport.js';
import { eventLog, INSTALL, NOW, TODAY, uuid } from '../../support/builders.js';
import {
  checkOf,
  EVENTS_DIRECTORY,
  eventSchemaErrors,
  readSchema,
  readSchemas,
  strict,
  type JsonSchema,
} from '../../support/event-schemas.js';
import { breakingChanges, type Direction } from './compatibility.js';

// What other teams build on, in one place: change it together with them.
const TOPIC = 'analytics-events';
const IDENTITY_TOPIC = 'identity-events';
const IDENTITY_GROUP = 'analytics-presence-group';
const DEAD_LETTER_HEADER_NAMES = Object.values(DEAD_LETTER_HEADERS);
const EVENT_HEADERS = ['event-id', 'event-type', 'content-type'];
const PUBLISHED = ['analytics.dau.calculated', 'analytics.session.started', 'presence.heartbeat.received'];
const CONSUMED = 'user.account.created';

const MAX_USER = 2n ** 63n - 1n;
/** Chinese, and characters that are two UTF-16 units each: lengths count characters. */
const LONGEST_INSTALL = `安装${'😀'.repeat(126)}`;

const SAMPLES: Readonly<Record<string, readonly DomainEvent[]>> = {
  'analytics.session.started': [
    new SessionStartedEvent(MAX_USER, INSTALL, NOW, {
      appVersion: '2.4.0',
      os: 'HarmonyOS',
      osVersion: '5.0.1',
    }),
    new SessionStartedEvent(null, LONGEST_INSTALL, NOW, {}),
    new SessionStartedEvent(1n, 'i'.repeat(8), new Date(0), { os: '鸿蒙 "系统"\\\n' }),
    // As they come from clients: blank and wrong parts are left out.
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

const NO_IDS = [
  null,
  42,
  '',
  '0',
  '-1',
  '042',
  '4e2',
  '42 ',
  '４２',
  '9223372036854775808',
  '10000000000000000000',
];
const NO_INSTALLS = [
  null,
  1,
  '',
  'seven-7',
  'i'.repeat(129),
  '😀'.repeat(129),
  'with\nbreak-in-it',
  'with\u0085control',
];
const NO_INSTANTS = [
  null,
  1_795_390_691,
  '2025-01-15',
  '2025-01-14T17:00:00Z',
  '2025-01-14T17:00:00.000',
  '2025-01-15T01:00:00.000+08:00',
  '2025-02-30T00:00:00.000Z',
  '2025-01-14 17:00:00.000Z',
];
const NO_DAYS = [null, 20250115, '2025-1-15', '2025-02-29', '15.01.2025', '2025-01-15T00:00:00.000Z'];
const NO_COUNTS = [null, '7', -1, 1.5, 2 ** 31];

/** Wrong values by field. Every field of every schema is here, so each is proven to be checked. */
const WRONG: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  'analytics.session.started': {
    eventType: [null, 'analytics.session.ended', 'presence.heartbeat.received'],
    occurredAt: NO_INSTANTS,
    payload: [null, [], '{}'],
    'payload.userId': NO_IDS.filter((id) => id !== null),
    'payload.installId': NO_INSTALLS,
    'payload.occurredAt': NO_INSTANTS,
    'payload.metadata': [null, [], 'iOS'],
    'payload.metadata.appVersion': [null, '', 2.4],
    'payload.metadata.os': [null, '', ['iOS']],
    'payload.metadata.osVersion': [null, '', 17],
  },
  'analytics.dau.calculated': {
    eventType: [null, 'analytics.dau'],
    occurredAt: NO_INSTANTS,
    payload: [null, []],
    'payload.day': NO_DAYS,
    'payload.dauCount': NO_COUNTS,
    'payload.version': [...NO_COUNTS, 0],
  },
  'presence.heartbeat.received': {
    eventType: [null, 'analytics.session.started'],
    occurredAt: NO_INSTANTS,
    payload: [null, []],
    'payload.userId': NO_IDS,
    'payload.installId': NO_INSTALLS,
    'payload.occurredAt': NO_INSTANTS,
  },
  'user.account.created': {
    occurredAt: [
      null,
      1_795_390_691,
      '2025-01-15',
      '2025-01-15T01:00:00',
      '2025-02-30T00:00:00Z',
      'yesterday',
    ],
    payload: [null, [], '{}'],
    'payload.userId': [...NO_IDS.filter((id) => id !== 42), 0, -1, 1.5, 2 ** 53],
    'payload.installId': NO_INSTALLS.filter((value) => value !== null),
  },
};

const documentFile = join(EVENTS_DIRECTORY, 'asyncapi.yaml');
const document = load(readFileSync(documentFile, 'utf8'));
const schemas = readSchemas('schemas');
const published = readSchemas('published');

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The place in the AsyncAPI document, references on the way followed. */
function at(...path: string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const next = isObject(value) ? value[key] : undefined;
    return isObject(next) && typeof next['$ref'] === 'string' ? target(next['$ref']) : next;
  }, document);
}

/** What a `$ref` of the document names: a place in it, or a file beside it. */
function target(ref: string): unknown {
  if (ref.startsWith('#/')) return at(...ref.slice(2).split('/'));
  const file = resolve(dirname(documentFile), ref);
  return existsSync(file) ? readSchema(file) : undefined;
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return typeof value['$ref'] === 'string' ? [value['$ref']] : Object.values(value).flatMap(referencesIn);
}

/** The document with the files in place. (What it says twice by reference to itself, AsyncAPI wants as references.) */
function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles);
  if (!isObject(value)) return value;
  const ref = value['$ref'];
  if (typeof ref === 'string') return ref.startsWith('#') ? value : target(ref);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withFiles(child)]));
}

const isAsyncapi = (() => {
  // The one of 3.0.0 brings its own copy of draft-07's meta-schema, which ajv has already.
  const { definitions, ...schema } = asyncapi.schemas['3.0.0'];
  const own = Object.entries(definitions ?? {}).filter(([id]) => !id.startsWith('http://json-schema.org/'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);
  const withoutCopy: JsonSchema = { ...schema, definitions: Object.fromEntries(own) };
  return ajv.compile(withoutCopy);
})();

function asyncapiErrors(value: unknown): unknown[] {
  return isAsyncapi(value) ? [] : (isAsyncapi.errors ?? []);
}

const messagesOf = (channel: string): [string, string][] =>
  Object.keys(at('channels', channel, 'messages') as object).map((key) => [
    String(at('channels', channel, 'messages', key, 'name')),
    key,
  ]);

/** A copy with another value at a path; undefined removes what is there. */
function withValue(value: unknown, path: string, replacement: unknown): Record<string, unknown> {
  const [head = '', ...tail] = path.split('.');
  const { [head]: before, ...rest } = isObject(value) ? value : {};
  const after = tail.length > 0 ? withValue(before, tail.join('.'), replacement) : replacement;
  return after === undefined ? rest : { ...rest, [head]: after };
}

/** Paths of all documented fields, and whether each must be there. */
function fieldsOf(schema: JsonSchema, prefix = ''): { path: string; required: boolean }[] {
  return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(
    ([name, field]) => [
      { path: `${prefix}${name}`, required: ((schema['required'] ?? []) as string[]).includes(name) },
      ...fieldsOf(field, `${prefix}${name}.`),
    ],
  );
}

function examplesOf(
  schema: JsonSchema,
  path = 'value',
): [path: string, schema: JsonSchema, example: unknown][] {
  return [
    ...((schema['examples'] ?? []) as unknown[]).map((example): [string, JsonSchema, unknown] => [
      path,
      schema,
      example,
    ]),
    ...Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) =>
      examplesOf(field, `${path}.${name}`),
    ),
  ];
}

function onTheWire(event: DomainEvent): unknown {
  const { eventType, subject, occurredAt } = event;
  return JSON.parse(
    toWireValue({ eventId: uuid(1), eventType, subject, occurredAt, payload: event.toPayload() }),
  );
}

/** A value with every documented field, known to be right. */
function complete(type: string): unknown {
  const [sample] = SAMPLES[type] ?? [];
  return sample === undefined ? (schemas.get(type)?.['examples'] as unknown[])[0] : onTheWire(sample);
}

describe('docs/events/asyncapi.yaml', () => {
  it('is an AsyncAPI 3.0.0 document', () => {
    expect(asyncapiErrors(document)).toEqual([]);
  });

  it('is one with its files in place, too', () => {
    expect(asyncapiErrors(withFiles(document))).toEqual([]);
  });

  it('would not be one with a mistake in it', () => {
    expect(
      asyncapiErrors(withValue(document, 'operations.publishDauCalculated.action', 'publish')),
    ).not.toEqual([]);
    expect(asyncapiErrors(withValue(document, 'channels.analyticsEvents.topic', TOPIC))).not.toEqual([]);
    expect(asyncapiErrors(withValue(document, 'info.title', undefined))).not.toEqual([]);
    expect(
      asyncapiErrors(withValue(document, 'components.messages.dauCalculated.bindings.kafka.key', 7)),
    ).not.toEqual([]);
  });

  it.each([...new Set(referencesIn(document))])('has something at %s', (ref) => {
    expect(target(ref)).toBeDefined();
  });

  it('names topics, group, headers and their defaults as agreed', () => {
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

  it('says of each operation which way it goes', () => {
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
      expect(Object.keys((headers as { properties: object }).properties)).toEqual(EVENT_HEADERS);
    },
  );
});

describe('the events of the domain', () => {
  const directory = 'src/domain/events';
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(directory, name));

  /** Wire names by class, of every class that says it is a domain event. */
  async function classes(): Promise<Map<string, unknown>> {
    const found = new Map<string, unknown>();
    for (const file of files) {
      const names = [
        ...readFileSync(file, 'utf8').matchAll(/class (\w+)[^{]*\bimplements\b[^{]*\bDomainEvent\b/g),
      ];
      if (names.length === 0) continue;
      const module = (await import(pathToFileURL(resolve(file)).href)) as Record<
        string,
        { EVENT_NAME?: unknown }
      >;
      for (const [, name = ''] of names) found.set(name, module[name]?.EVENT_NAME);
    }
    return found;
  }

  it('are the published ones, in the document, in the schemas and here', async () => {
    const types = [...(await classes()).values()].sort();
    expect(types).toEqual(PUBLISHED);
    expect(
      messagesOf('analyticsEvents')
        .map(([type]) => type)
        .sort(),
    ).toEqual(PUBLISHED);
    expect(messagesOf('identityEvents').map(([type]) => type)).toEqual([CONSUMED]);
    expect([...schemas.keys()].sort()).toEqual([...PUBLISHED, CONSUMED].sort());
    expect(Object.keys(SAMPLES).sort()).toEqual(PUBLISHED);
    expect(Object.keys(WRONG).sort()).toEqual([...schemas.keys()].sort());
  });

  const events = Object.values(SAMPLES).flat();

  it.each(events.map((event) => [event.eventType, JSON.stringify(event.toPayload()), event] as const))(
    '%s %s is written as its schema says, and nothing is undocumented',
    (_type, _payload, event) => {
      expect(eventSchemaErrors(onTheWire(event))).toEqual([]);
    },
  );

  it.each(PUBLISHED)('%s: every documented field is one that the code can write', (type) => {
    const written = new Set(
      SAMPLES[type]!.flatMap((event) =>
        fieldsOf(schemas.get(type)!)
          .map(({ path }) => path)
          .filter((path) => {
            const value = path
              .split('.')
              .reduce<unknown>((v, key) => (isObject(v) ? v[key] : undefined), onTheWire(event));
            return value !== undefined;
          }),
      ),
    );
    expect(fieldsOf(schemas.get(type)!).filter(({ path }) => !written.has(path))).toEqual([]);
  });
});

describe.each([...schemas])('the schema of %s', (type, schema) => {
  const open = checkOf(schema);
  const closed = checkOf(strict(schema));

  it.each(examplesOf(schema))('keeps to itself in its example of %s', (_path, part, example) => {
    expect(checkOf(strict(part))(example)).toEqual([]);
  });

  it('explains every field and gives an example', () => {
    const parts = (part: JsonSchema): JsonSchema[] => [
      part,
      ...Object.values((part['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(parts),
    ];
    for (const part of parts(schema)) {
      expect(part).toMatchObject({ description: expect.stringMatching(/\.$/) });
      if (!('properties' in part))
        expect(part).toMatchObject({ examples: expect.arrayContaining([expect.anything()]) });
    }
  });

  it('takes fields it does not know, at every level, which its strict variant does not', () => {
    const levels = ['', ...fieldsOf(schema).map(({ path }) => path)]
      .filter((path) => path === '' || fieldsOf(schema).some((field) => field.path.startsWith(`${path}.`)))
      .map((path) => (path === '' ? 'added' : `${path}.added`));
    expect(levels).toContain('payload.added');
    for (const path of levels) {
      const value = withValue(complete(type), path, { some: ['thing'] });
      expect(open(value)).toEqual([]);
      expect(closed(value)).toEqual([expect.stringContaining('(added)')]);
    }
  });

  it.each(fieldsOf(schema))('knows whether $path may be missing', ({ path, required }) => {
    expect(open(withValue(complete(type), path, undefined)).length > 0).toBe(required);
  });

  it('is tried with wrong values of every field', () => {
    expect(Object.keys(WRONG[type]!).sort()).toEqual(
      fieldsOf(schema)
        .map(({ path }) => path)
        .sort(),
    );
  });

  it.each(
    Object.entries(WRONG[type]!).flatMap(([path, values]) =>
      values.map((value) => ({ path, text: JSON.stringify(value), value })),
    ),
  )('refuses $path $text', ({ path, value }) => {
    expect(open(withValue(complete(type), path, value))).not.toEqual([]);
  });

  it.each([null, [], '', 7, {}])('refuses the value %j', (value) => {
    expect(open(value)).not.toEqual([]);
  });
});

describe('the schema of user.account.created', () => {
  const errors = checkOf(schemas.get(CONSUMED)!);
  const value = complete(CONSUMED);

  it.each(['1', '9007199254740993', '9223372036854775807', 1, 2 ** 53 - 1])(
    'takes the user id %j',
    (userId) => {
      expect(errors(withValue(value, 'payload.userId', userId))).toEqual([]);
    },
  );

  it.each(['2025-01-15T01:00:00+08:00', '2025-01-14T17:00:00Z', '2025-01-14T17:00:00.123456Z'])(
    'takes the instant %s',
    (instant) => {
      expect(errors(withValue(value, 'occurredAt', instant))).toEqual([]);
    },
  );
});

describe('eventSchemaErrors', () => {
  it('wants an event type that has a schema', () => {
    expect(eventSchemaErrors({ eventType: 'analytics.unheard.of' })).toEqual([
      'eventType "analytics.unheard.of" has no schema',
    ]);
    expect(eventSchemaErrors({})).toEqual(['no eventType']);
    expect(eventSchemaErrors(null)).toEqual(['no eventType']);
    expect(eventSchemaErrors({ eventType: 7 })).toEqual(['eventType 7 has no schema']);
  });

  it('says where something is wrong', () => {
    expect(eventSchemaErrors(withValue(complete('analytics.dau.calculated'), 'payload.version', 0))).toEqual([
      'payload.version must be >= 1',
    ]);
  });
});

describe('compatibility with what has been published', () => {
  const directionOf = (type: string): Direction => (type === CONSUMED ? 'consumed' : 'sent');

  it('covers every event: a new one is published by copying its schema, and none is ever withdrawn', () => {
    expect([...schemas.keys()].sort()).toEqual([...published.keys()].sort());
  });

  it.each([...published])('%s breaks nobody', (type, before) => {
    expect(breakingChanges(before, schemas.get(type)!, directionOf(type))).toEqual([]);
  });

  const session = published.get('analytics.session.started')!;
  const dau = published.get('analytics.dau.calculated')!;
  const account = published.get(CONSUMED)!;
  const payload = 'properties.payload';
  const inPayload = `${payload}.properties`;
  const metadata = `${inPayload}.metadata`;
  const change = (schema: JsonSchema, changes: Readonly<Record<string, unknown>>): JsonSchema =>
    Object.entries(changes).reduce<JsonSchema>(
      (changed, [path, value]) => withValue(changed, path, value),
      schema,
    );

  it.each<[what: string, schema: JsonSchema, changes: Record<string, unknown>, where: string]>([
    ['a field removed', session, { [`${inPayload}.installId`]: undefined }, 'payload.installId: removed'],
    [
      'a field removed from everywhere',
      session,
      {
        [`${inPayload}.installId`]: undefined,
        [`${payload}.required`]: ['userId', 'occurredAt', 'metadata'],
      },
      'payload.installId: removed',
    ],
    [
      'an optional field removed',
      session,
      { [`${metadata}.properties.os`]: undefined },
      'payload.metadata.os: removed',
    ],
    [
      'a field renamed',
      dau,
      { [`${inPayload}.dauCount`]: undefined, [`${inPayload}.count`]: { type: 'integer' } },
      'payload.dauCount: removed, or renamed',
    ],
    ['all fields forgotten', dau, { [`${payload}.properties`]: undefined }, 'payload.day: removed'],
    ['a number made a string', dau, { [`${inPayload}.dauCount.type`]: 'string' }, 'payload.dauCount: type'],
    ['an integer made a number', dau, { [`${inPayload}.dauCount.type`]: 'number' }, 'payload.dauCount: type'],
    ['an id made a number', session, { [`${inPayload}.userId.type`]: 'integer' }, 'payload.userId: type'],
    ['a type widened by null', dau, { [`${inPayload}.day.type`]: ['string', 'null'] }, 'payload.day: type'],
    ['a type no longer promised', dau, { [`${inPayload}.day.type`]: undefined }, 'payload.day: type'],
    [
      'a type widened by an alternative',
      dau,
      { [`${inPayload}.version`]: { anyOf: [{ type: 'integer' }, { type: 'string' }] } },
      'payload.version: type',
    ],
    [
      'a field made optional',
      session,
      { [`${payload}.required`]: ['userId', 'installId', 'occurredAt'] },
      'payload.metadata: was always there, is optional',
    ],
    ['all fields made optional', session, { required: undefined }, 'eventType: was always there'],
    ['the format dropped', dau, { [`${inPayload}.day.format`]: undefined }, 'payload.day: format'],
    ['the format changed', dau, { [`${inPayload}.day.format`]: 'date-time' }, 'payload.day: format'],
    ['the pattern changed', session, { 'properties.occurredAt.pattern': '^.*$' }, 'occurredAt: pattern'],
    [
      'the pattern dropped',
      session,
      { [`${inPayload}.userId.pattern`]: undefined },
      'payload.userId: pattern',
    ],
    ['a constant changed', dau, { 'properties.eventType.const': 'analytics.dau' }, 'eventType: const'],
    ['a constant dropped', dau, { 'properties.eventType.const': undefined }, 'eventType: const'],
    [
      'a constant made a choice',
      dau,
      { 'properties.eventType': { type: 'string', enum: ['analytics.dau.calculated', 'more'] } },
      'eventType: const',
    ],
    ['a longer text', session, { [`${inPayload}.installId.maxLength`]: 256 }, 'payload.installId: maxLength'],
    ['a shorter text', session, { [`${inPayload}.installId.minLength`]: 1 }, 'payload.installId: minLength'],
    ['a bound dropped', dau, { [`${inPayload}.dauCount.maximum`]: undefined }, 'payload.dauCount: maximum'],
    ['a lower bound', dau, { [`${inPayload}.version.minimum`]: 0 }, 'payload.version: minimum'],
    [
      'a keyword nobody can judge',
      dau,
      { [`${inPayload}.version.multipleOf`]: 2 },
      'payload.version: multipleOf',
    ],
  ])('of what is sent, finds %s', (_what, schema, changes, where) => {
    expect(breakingChanges(schema, change(schema, changes), 'sent')).toContainEqual(
      expect.stringContaining(where),
    );
  });

  it.each<[what: string, schema: JsonSchema, changes: Record<string, unknown>]>([
    ['a new optional field', session, { [`${inPayload}.channel`]: { type: 'string' } }],
    ['a new optional field further down', session, { [`${metadata}.properties.model`]: { type: 'string' } }],
    [
      'a new field that is always there',
      dau,
      {
        [`${inPayload}.final`]: { type: 'boolean' },
        [`${payload}.required`]: ['final', 'day', 'dauCount', 'version'],
      },
    ],
    ['other words', dau, { description: 'Other words.', title: 'Other', $comment: 'x', examples: [] }],
    ['a field that is now always there', session, { [`${metadata}.required`]: ['os'] }],
    ['a type narrowed', session, { [`${inPayload}.userId.type`]: 'string' }],
    [
      'tighter bounds',
      session,
      { [`${inPayload}.installId.maxLength`]: 64, [`${inPayload}.installId.minLength`]: 9 },
    ],
    ['a promise where none was', session, { [`${metadata}.properties.os.maxLength`]: 64 }],
    [
      'a choice of one instead of a constant',
      dau,
      {
        'properties.eventType': { type: 'string', enum: ['analytics.dau.calculated'] },
      },
    ],
  ])('of what is sent, accepts %s', (_what, schema, changes) => {
    expect(breakingChanges(schema, change(schema, changes), 'sent')).toEqual([]);
  });

  const userId = `${inPayload}.userId`;
  const [text, number] = (
    account['properties'] as Record<string, { properties: { userId: { anyOf: unknown[] } } }>
  )['payload']!.properties.userId.anyOf;

  it.each<[what: string, changes: Record<string, unknown>, where: string]>([
    [
      'a new required field',
      { required: ['occurredAt', 'payload', 'source'] },
      'source: was optional, is demanded',
    ],
    [
      'a field made required',
      { [`${payload}.required`]: ['userId', 'installId'] },
      'payload.installId: was optional',
    ],
    [
      'a field forgotten',
      { [`${inPayload}.installId`]: undefined },
      'payload.installId: removed, or renamed',
    ],
    ['an alternative dropped', { [`${userId}.anyOf`]: [text] }, 'payload.userId: anyOf'],
    ['only one alternative left', { [userId]: text }, 'payload.userId: type'],
    [
      'an alternative narrowed',
      { [`${userId}.anyOf`]: [text, { type: 'integer', minimum: 1, maximum: 1000 }] },
      'payload.userId: anyOf',
    ],
    [
      'a type narrowed',
      { 'properties.payload.type': ['object'], 'properties.occurredAt.type': 'number' },
      'occurredAt: type',
    ],
    ['a pattern changed', { 'properties.occurredAt.pattern': 'Z$' }, 'occurredAt: pattern'],
    ['a shorter text', { [`${inPayload}.installId.maxLength`]: 64 }, 'payload.installId: maxLength'],
    ['a new bound', { 'properties.occurredAt.maxLength': 24 }, 'occurredAt: maxLength'],
    ['a closed object', { additionalProperties: false }, 'value: additionalProperties'],
    ['a choice where none was', { [`${inPayload}.installId.enum`]: ['phone'] }, 'payload.installId: enum'],
  ])('of what is consumed, finds %s', (_what, changes, where) => {
    expect(breakingChanges(account, change(account, changes), 'consumed')).toContainEqual(
      expect.stringContaining(where),
    );
  });

  it.each<[what: string, changes: Record<string, unknown>]>([
    ['a new optional field', { [`${inPayload}.channel`]: { type: 'string' } }],
    ['a field no longer demanded', { required: ['payload'] }],
    ['a type widened', { 'properties.occurredAt.type': ['string', 'null'] }],
    ['a third alternative', { [`${userId}.anyOf`]: [text, number, { type: 'null' }] }],
    ['a longer text', { [`${inPayload}.installId.maxLength`]: 256 }],
    ['a pattern dropped', { [`${inPayload}.installId.pattern`]: undefined }],
  ])('of what is consumed, accepts %s', (_what, changes) => {
    expect(breakingChanges(account, change(account, changes), 'consumed')).toEqual([]);
  });
});

describe('docs/events/README.md', () => {
  const page = readFileSync(join(EVENTS_DIRECTORY, 'README.md'), 'utf8');

  it.each([
    ...[TOPIC, IDENTITY_TOPIC, `${IDENTITY_TOPIC}.dlq`, IDENTITY_GROUP],
    ...[...EVENT_HEADERS, ...DEAD_LETTER_HEADER_NAMES, ...PUBLISHED, CONSUMED],
  ])('names %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });

  it.each([...page.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, path = '']) => path))(
    'links to %s, which is there',
    (path) => {
      expect(existsSync(resolve(EVENTS_DIRECTORY, path)) ? path : relative('.', path)).toBe(path);
    },
  );
});
