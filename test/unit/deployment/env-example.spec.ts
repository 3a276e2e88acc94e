import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { parseEnvironment } from '../../../src/config/environment.js';
import type { Environment } from '../../../src/config/variables/catalogue.js';
import { COMPOSE_VARIABLES, readProjectFile, SERVICE_VARIABLES } from './deployment-files.js';

const ENV_EXAMPLE = readProjectFile('.env.example');

describe('.env.example', () => {
  const set = parseEnv(ENV_EXAMPLE) as Record<string, string>;
  /** The assignments that are commented out. */
  const commentedOut = Object.fromEntries(
    [...ENV_EXAMPLE.matchAll(/^# ([A-Z][A-Z_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const composeOnly = [...new Set(COMPOSE_VARIABLES.map(({ name }) => name))].filter(
    (name) => !SERVICE_VARIABLES.includes(name),
  );

  it('names every variable of the service and of docker-compose.yml exactly once', () => {
    const named = [...ENV_EXAMPLE.matchAll(/^(?:# )?([A-Z][A-Z_]*)=/gm)].map(([, name]) => name).sort();

    expect(named).toEqual([...SERVICE_VARIABLES, ...composeOnly, 'TZ'].sort());
  });

  it('explains every variable', () => {
    const paragraphs = ENV_EXAMPLE.split('\n\n').filter((text) => /^(# )?[A-Z][A-Z_]*=/m.test(text));

    for (const paragraph of paragraphs.slice(1)) expect(paragraph).toMatch(/^# [^=]{20,}/);
  });

  it('comments out the variables that select external servers and leaves secrets empty', () => {
    expect(Object.keys(commentedOut)).toEqual(
      expect.arrayContaining([
        'DATABASE_URL',
        'REDIS_HOST',
        'KAFKA_BROKERS',
        'JWT_SECRET',
        'INTERNAL_API_KEY',
      ]),
    );
    for (const name of ['JWT_SECRET', 'REDIS_PASSWORD', 'INTERNAL_API_KEY'])
      expect({ ...set, ...commentedOut }[name]).toBe('');
  });

  it('has no value for any secret', () => {
    const secrets = Object.entries({ ...set, ...commentedOut }).filter(([name]) =>
      /SECRET|PASSWORD|KEY(_PREVIOUS)?$/.test(name),
    );

    expect(secrets.length).toBeGreaterThanOrEqual(6);
    for (const [name, value] of secrets) expect({ name, value }).toEqual({ name, value: '' });
  });

  it('changes no default when it is copied to .env unchanged', () => {
    const config = loadConfiguration(set);

    expect(parseEnvironment(set)).toEqual(parseEnvironment({}));
    expect(config).toEqual(loadConfiguration({}));
    expect(config).toMatchObject({ database: { url: null, migrationUrl: null }, redis: null, kafka: null });
  });

  it('gives values that the service accepts and reads', () => {
    const secrets = {
      JWT_SECRET: 'a'.repeat(64),
      JWT_SECRET_PREVIOUS: 'a'.repeat(64),
      INTERNAL_API_KEY: 'k'.repeat(16),
      REDIS_PASSWORD: 'p',
      REDIS_SENTINEL_PASSWORD: 'p',
      KAFKA_SASL_PASSWORD: 'p',
    };
    const environment = parseEnvironment({ ...commentedOut, ...set, ...secrets });

    const ignored = SERVICE_VARIABLES.filter((name) => environment[name as keyof Environment] === undefined);
    expect(ignored).toEqual([]);
  });

  it('keeps the names and defaults of the specification', () => {
    expect({ ...set, ...commentedOut }).toMatchObject({
      NODE_ENV: 'development',
      PORT: '3001',
      DATABASE_URL: 'postgresql://user:password@localhost:5432/rwa_analytics?schema=public',
      REDIS_HOST: 'localhost',
      REDIS_PORT: '6379',
      REDIS_PASSWORD: '',
      REDIS_DB: '0',
      JWT_EXPIRES_IN: '7d',
      KAFKA_BROKERS: 'localhost:9092',
      KAFKA_TOPIC_ANALYTICS: 'analytics-events',
      TZ: 'Asia/Shanghai',
    });
  });
});
