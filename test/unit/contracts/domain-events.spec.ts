import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { eventSchemaErrors, readSchemas } from '../../support/event-schemas.js';
import { CONSUMED, PUBLISHED } from './agreed-names.js';
import { messagesOf } from './asyncapi-document.js';
import { onTheWire, SAMPLES } from './event-samples.js';
import { fieldsOf, isObject } from './schema-paths.js';
import { WRONG } from './wrong-values.js';

const schemas = readSchemas('schemas');

describe('the events of the domain', () => {
  const directory = 'src/domain/events';
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(directory, name));

  /** Returns the event names of every class that implements DomainEvent. */
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

  it('are the events of the document, of the schemas and of the samples', async () => {
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
    '%s %s is written as its schema documents it',
    (_type, _payload, event) => {
      expect(eventSchemaErrors(onTheWire(event))).toEqual([]);
    },
  );

  it.each(PUBLISHED)('%s has no documented field that the code never writes', (type) => {
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
