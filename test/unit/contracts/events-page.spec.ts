import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EVENTS_DIRECTORY } from '../../support/event-schemas.js';
import {
  CONSUMED,
  DEAD_LETTER_HEADER_NAMES,
  EVENT_HEADERS,
  IDENTITY_GROUP,
  IDENTITY_TOPIC,
  PUBLISHED,
  TOPIC,
} from './agreed-names.js';

describe('docs/events/README.md', () => {
  const page = readFileSync(join(EVENTS_DIRECTORY, 'README.md'), 'utf8');

  it.each([
    ...[TOPIC, IDENTITY_TOPIC, `${IDENTITY_TOPIC}.dlq`, IDENTITY_GROUP],
    ...[...EVENT_HEADERS, ...DEAD_LETTER_HEADER_NAMES, ...PUBLISHED, CONSUMED],
  ])('names %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });

  it.each([...page.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, path = '']) => path))(
    'links to %s, which exists',
    (path) => {
      expect(existsSync(resolve(EVENTS_DIRECTORY, path)) ? path : relative('.', path)).toBe(path);
    },
  );
});
