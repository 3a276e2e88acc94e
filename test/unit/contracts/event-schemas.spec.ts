import { describe, expect, it } from '@jest/globals';
import {
  checkOf,
  eventSchemaErrors,
  readSchemas,
  strict,
  type JsonSchema,
} from '../../support/event-schemas.js';
import { CONSUMED } from './agreed-names.js';
import { complete } from './event-samples.js';
import { examplesOf, fieldsOf, withValue } from './schema-paths.js';
import { WRONG } from './wrong-values.js';

const schemas = readSchemas('schemas');

describe.each([...schemas])('the schema of %s', (type, schema) => {
  const open = checkOf(schema);
  const closed = checkOf(strict(schema));

  it.each(examplesOf(schema))('accepts its own example of %s', (_path, part, example) => {
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

  it('accepts unknown fields at every level, and its strict variant rejects them', () => {
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

  it.each(fieldsOf(schema))(
    'requires $path exactly when it is documented as required',
    ({ path, required }) => {
      expect(open(withValue(complete(type), path, undefined)).length > 0).toBe(required);
    },
  );

  it('has wrong values of every field to reject', () => {
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
  )('rejects $text as $path', ({ path, value }) => {
    expect(open(withValue(complete(type), path, value))).not.toEqual([]);
  });

  it.each([null, [], '', 7, {}])('rejects the value %j', (value) => {
    expect(open(value)).not.toEqual([]);
  });
});

describe('the schema of user.account.created', () => {
  const errors = checkOf(schemas.get(CONSUMED)!);
  const value = complete(CONSUMED);

  it.each(['1', '9007199254740993', '9223372036854775807', 1, 2 ** 53 - 1])(
    'accepts the user id %j',
    (userId) => {
      expect(errors(withValue(value, 'payload.userId', userId))).toEqual([]);
    },
  );

  it.each(['2025-01-15T01:00:00+08:00', '2025-01-14T17:00:00Z', '2025-01-14T17:00:00.123456Z'])(
    'accepts the instant %s',
    (instant) => {
      expect(errors(withValue(value, 'occurredAt', instant))).toEqual([]);
    },
  );
});

describe('eventSchemaErrors', () => {
  it('reports an event type without a schema', () => {
    expect(eventSchemaErrors({ eventType: 'analytics.unheard.of' })).toEqual([
      'eventType "analytics.unheard.of" has no schema',
    ]);
    expect(eventSchemaErrors({})).toEqual(['no eventType']);
    expect(eventSchemaErrors(null)).toEqual(['no eventType']);
    expect(eventSchemaErrors({ eventType: 7 })).toEqual(['eventType 7 has no schema']);
  });

  it('reports the path of a wrong value', () => {
    expect(eventSchemaErrors(withValue(complete('analytics.dau.calculated'), 'payload.version', 0))).toEqual([
      'payload.version must be >= 1',
    ]);
  });
});
