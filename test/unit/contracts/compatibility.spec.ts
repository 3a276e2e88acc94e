import { describe, expect, it } from '@jest/globals';
import { readSchemas, type JsonSchema } from '../../support/event-schemas.js';
import { CONSUMED } from './agreed-names.js';
import { breakingChanges, type Direction } from './compatibility.js';
import { withValue } from './schema-paths.js';

const schemas = readSchemas('schemas');

const published = readSchemas('published');

describe('compatibility with published schemas', () => {
  const directionOf = (type: string): Direction => (type === CONSUMED ? 'consumed' : 'sent');

  it('covers every event, because a published event is never withdrawn', () => {
    expect([...schemas.keys()].sort()).toEqual([...published.keys()].sort());
  });

  it.each([...published])('%s has no breaking change', (type, before) => {
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
      'a keyword that it cannot judge',
      dau,
      { [`${inPayload}.version.multipleOf`]: 2 },
      'payload.version: multipleOf',
    ],
  ])('reports %s in a sent event', (_what, schema, changes, where) => {
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
  ])('accepts %s in a sent event', (_what, schema, changes) => {
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
  ])('reports %s in a consumed event', (_what, changes, where) => {
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
  ])('accepts %s in a consumed event', (_what, changes) => {
    expect(breakingChanges(account, change(account, changes), 'consumed')).toEqual([]);
  });
});
