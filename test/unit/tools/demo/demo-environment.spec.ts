import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../../src/config/configuration.js';
import { SECRET_VARIABLES, VARIABLES } from '../../../../src/config/variables/catalogue.js';
import { demoEnvironment, refuseRealServers } from '../../../../tools/demo/demo-environment.js';

const SETTINGS = { port: 3001, jwtSecret: 's'.repeat(64), dataDirectory: '/tmp/demo/postgres' };

describe('a demo', () => {
  it('runs where nothing is configured', () => {
    expect(() =>
      refuseRealServers({ PATH: '/bin', NODE_ENV: 'development', DATABASE_URL: '' }),
    ).not.toThrow();
  });

  it('refuses production', () => {
    expect(() => refuseRealServers({ NODE_ENV: 'production' })).toThrow(/NODE_ENV is production/);
  });

  it.each([
    ['DATABASE_URL', 'postgresql://user:secret@db/real'],
    ['DATABASE_MIGRATION_URL', 'postgresql://owner:secret@db/real'],
    ['REDIS_HOST', 'redis.internal'],
    ['KAFKA_BROKERS', 'kafka:9092'],
    ['PGHOST', 'db.internal'],
    ['PGHOSTADDR', '10.0.0.7'],
    ['PGPORT', '54321'],
    ['PGDATABASE', 'real'],
    ['PGUSER', 'owner'],
    ['PGPASSWORD', 'secret'],
    ['PGSERVICE', 'production'],
    ['PGOPTIONS', '-c search_path=real'],
  ])('refuses a configured %s, without its value', (name, value) => {
    const refuse = (): void => {
      refuseRealServers({ [name]: value });
    };
    expect(refuse).toThrow(new RegExp(`${name} is set`));
    expect(refuse).toThrow(new RegExp(`or run ${name}= npm run demo`));
    expect(refuse).not.toThrow(value);
  });

  it('refuses every variable that is an address of a server', () => {
    const addresses = Object.keys(VARIABLES).filter(
      (name) => /^(DATABASE|REDIS|KAFKA)_/.test(name) && /URL|HOST|BROKERS|NODES|SENTINELS/.test(name),
    );
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    for (const name of addresses) {
      expect(() => refuseRealServers({ [name]: 'x' })).toThrow(name);
      expect(() => refuseRealServers({ [`${name}_FILE`]: 'x' })).toThrow(`${name}_FILE`);
    }
  });

  it('gives its programs no variable of the host, and overrules each one of `.env`', () => {
    const environment = demoEnvironment(
      { PATH: '/bin', DATABASE_URL: 'postgresql://db/real', PGHOST: 'db', PGPASSWORD: 'x', OTHER: 'x' },
      SETTINGS,
    );
    const names = [...Object.keys(VARIABLES), ...[...SECRET_VARIABLES].map((name) => `${name}_FILE`)];
    expect(names.filter((name) => !(name in environment))).toEqual([]);
    for (const name of ['OTHER', 'PGHOST', 'PGPASSWORD']) expect(environment).not.toHaveProperty(name);
    const { app, database, redis, kafka } = loadConfiguration(environment);
    expect({ nodeEnv: app.nodeEnv, host: app.host, url: database.url, redis, kafka }).toEqual({
      nodeEnv: 'development',
      host: '127.0.0.1',
      url: null,
      redis: null,
      kafka: null,
    });
    expect(database.embedded.directory).toBe(SETTINGS.dataDirectory);
  });
});
