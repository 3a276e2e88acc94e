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
  it('admits the configured key', () => {
    expect(ask(KEY, { 'x-internal-api-key': KEY })).toBe(true);
  });

  it('admits each of several keys', () => {
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
  ])('rejects %s', (_, given) => {
    expect(() => ask(KEY, { 'x-internal-api-key': given })).toThrow(REFUSED);
  });

  it.each(['', 'null', 'undefined', undefined, null])(
    'rejects every key, such as %j, when none is configured',
    (given) => {
      expect(() => ask(null, { 'x-internal-api-key': given })).toThrow(REFUSED);
    },
  );
});
