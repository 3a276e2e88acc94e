import { ConfigService } from '@nestjs/config';
import { describe, expect, it } from '@jest/globals';
import type { Configuration } from '../../../../src/config/configuration.js';
import { InternalGuard } from '../../../../src/shared/guards/internal.guard.js';
import { applicationError } from '../../expectations.js';
import { contextOf } from './fake-requests.js';

const KEY = 'the-key-of-the-reporting-service';
const REFUSED = applicationError('internal_key_invalid', 'unauthenticated');

function ask(keys: string | readonly string[] | null, headers: Record<string, unknown>): boolean {
  const internalApiKeys = [keys ?? []].flat();
  const guard = new InternalGuard(new ConfigService<Configuration, true>({ app: { internalApiKeys } }));
  return guard.canActivate(contextOf({ headers }));
}

describe('InternalGuard', () => {
  it('lets the configured key pass', () => {
    expect(ask(KEY, { 'x-internal-api-key': KEY })).toBe(true);
  });

  it('lets each of several pass, so that one can be replaced', () => {
    for (const key of ['the-key-of-yesterday', KEY]) {
      expect(ask(['the-key-of-yesterday', KEY], { 'x-internal-api-key': key })).toBe(true);
    }
    expect(() =>
      ask(['the-key-of-yesterday', KEY], { 'x-internal-api-key': `the-key-of-yesterday,${KEY}` }),
    ).toThrow(REFUSED);
  });

  it.each([
    ['a wrong key', 'x'.repeat(KEY.length)],
    ['a shorter one', KEY.slice(0, -1)],
    ['a longer one', `${KEY} `],
    ['an empty one', ''],
    ['none', undefined],
    ['two', [KEY, KEY]],
  ])('refuses %s', (_, given) => {
    expect(() => ask(KEY, { 'x-internal-api-key': given })).toThrow(REFUSED);
  });

  it.each(['', 'null', 'undefined', undefined, null])(
    'refuses everything, %j too, when no key is configured',
    (given) => {
      expect(() => ask(null, { 'x-internal-api-key': given })).toThrow(REFUSED);
    },
  );
});
