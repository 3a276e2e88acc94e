import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { ConfigurationError } from '../../../src/config/environment.js';
import { VARIABLES } from '../../../src/config/variables/catalogue.js';
import { problemsInProduction, problemsOf } from './problems-of.js';

describe('problems', () => {
  it('are all listed at once', () => {
    const message = problemsOf({ PORT: 'x', LOG_LEVEL: 'y', KAFKA_BROKERS: 'z', JWT_EXPIRES_IN: '?' }).join(
      '\n',
    );
    for (const name of ['PORT', 'LOG_LEVEL', 'KAFKA_BROKERS', 'JWT_EXPIRES_IN'])
      expect(message).toContain(name);
  });

  it('of single values and of production are listed together', () => {
    const message = problemsInProduction({ PORT: 'x', JWT_SECRET: 'short', REDIS_HOST: undefined }).join(
      '\n',
    );
    for (const name of ['PORT', 'JWT_SECRET', 'REDIS_HOST']) expect(message).toContain(name);
  });

  it('are all in the error message, which the operator reads', () => {
    expect(() => loadConfiguration({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/problem.*\n.*PORT[^]*LOG_LEVEL/);
  });

  it('name the variable, the rule, the value and the next step in one line each', () => {
    expect(problemsOf({ PORT: 'abc', KAFKA_SSL: 'yes', LOG_LEVEL: 'loud', DATABASE_URL: 'db' })).toEqual([
      'PORT must be a whole number from 0 to 65535, it is "abc": correct it in the environment or in .env',
      'LOG_LEVEL must be one of debug, info, warn, error, it is "loud": correct it in the environment or in .env',
      'DATABASE_URL must be a URL that starts with postgresql://, with / ? # @ : in a password percent-encoded, ' +
        'commas between several hosts, and no target_session_attrs but read-write or primary, ' +
        'its value is not shown, because it may be secret: correct it in the environment or in .env',
      'KAFKA_SSL must be true or false, it is "yes": correct it in the environment or in .env',
    ]);
  });

  it.each([
    ['postgresql://a:b@one:5432,two:5433/name', true],
    ['postgresql://a:b@one,two/name?target_session_attrs=read-write', true],
    ['postgresql://a:b@one/name?target_session_attrs=primary', true],
    ['postgresql://a:b@one,two/name?target_session_attrs=standby', false],
    ['postgresql://a:b@one:x,two/name', false],
    ['postgresql://a:b@one,/name', false],
  ])('accept %s as DATABASE_URL: %s', (url, isAccepted) => {
    expect(problemsOf({ DATABASE_URL: url })).toHaveLength(isAccepted ? 0 : 1);
  });

  it.each(Object.entries(VARIABLES).filter(([, { type }]) => type.read('\u0001 ,').problems.length > 0))(
    'are one line for a wrong %s, outside and in production',
    (name, { type }) => {
      for (const problems of [
        problemsOf({ [name]: '\u0001 ,' }),
        problemsInProduction({ [name]: '\u0001 ,' }),
      ]) {
        const own = problems.filter((problem) => problem.startsWith(name + ' '));
        const seen = type.isSecret === true ? 'its value is not shown' : 'it is "\\\\u0001 ,"';
        expect(own).toEqual([expect.stringMatching(new RegExp(`^${name} must .+, ${seen}.*: correct it`))]);
      }
    },
  );

  it('say nothing twice about a variable that is wrong by itself', () => {
    expect(problemsInProduction({ INTERNAL_API_KEY: 'short,short' })).toHaveLength(1);
    expect(problemsInProduction({ INTERNAL_API_KEY: `${'k'.repeat(20)},${'j'.repeat(20)}` })).toHaveLength(1);
  });

  it('cut a long value', () => {
    expect(problemsOf({ LOG_LEVEL: 'x'.repeat(10_000) })[0]).toContain(`it is "${'x'.repeat(60)}…":`);
    expect(problemsOf({ PORT: 'x'.repeat(10_000) })[0]).toContain('its value is not shown');
  });

  it('never repeat a value that may be a secret', () => {
    const secrets = {
      DATABASE_URL: 'mysql://service:hunter2@db/analytics',
      DATABASE_MIGRATION_URL: 'mysql://owner:hunter2@db/analytics',
      JWT_SECRET: 'hunter2',
      INTERNAL_API_KEY: 'hunter2',
      REDIS_PASSWORD: 'hunter2',
      KAFKA_BROKERS: 'kafka://analytics:hunter2@broker',
      TRUSTED_PROXIES: 'https://u:hunter2@proxy',
      CORS_ORIGINS: 'https://u:hunter2@admin.example.com',
      PORT: 'hunter2-in-the-wrong-place',
    };
    const problems = problemsInProduction(secrets);
    expect(problems.length).toBeGreaterThanOrEqual(7);
    expect(new ConfigurationError(problems).message).not.toContain('hunter2');
    const unreadable = problemsOf({ DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:99999/db' });
    expect(unreadable).toEqual([expect.stringMatching(/^DATABASE_URL must be a URL/)]);
    expect(unreadable[0]).not.toContain('hunter2');
  });
});
