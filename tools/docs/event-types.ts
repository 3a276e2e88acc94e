import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type JSONSchema } from 'json-schema-to-typescript';

const DIRECTORY = join(import.meta.dirname, '../../docs/events/schemas');
const SUFFIX = '.schema.json';

/** Returns the types of the events on Kafka for subscribers in TypeScript. */
export async function eventTypes(): Promise<string> {
  const files = readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(SUFFIX))
    .sort();
  const schemas = files.map((file) => ({
    name: typeNameOf(file.slice(0, -SUFFIX.length)),
    schema: JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as JSONSchema,
  }));
  const types = await Promise.all(
    schemas.map(({ name, schema }) =>
      compile({ ...closed(schema), title: name }, name, {
        bannerComment: '',
        additionalProperties: false,
        format: false,
      }),
    ),
  );
  const published = schemas.filter(({ schema }) => schema.properties?.['eventType']?.['const'] !== undefined);
  const union = published.map(({ name }) => name).join(' | ');
  return [
    ...types,
    '/** Every event that the service publishes; `eventType` tells them apart. */',
    `export type PublishedEvent = ${union};`,
  ].join('\n');
}

/** `analytics.session.started` becomes `AnalyticsSessionStarted`. */
function typeNameOf(eventType: string): string {
  return eventType
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Drops the openness of objects: an index signature would let every misspelt field compile. */
function closed(schema: JSONSchema): JSONSchema {
  const { additionalProperties: _open, properties, ...rest } = schema;
  if (properties === undefined) return rest;
  const inner = Object.entries(properties).map(([name, property]) => [name, closed(property)]);
  return { ...rest, properties: Object.fromEntries(inner) as Record<string, JSONSchema> };
}
