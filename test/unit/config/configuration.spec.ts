import { describe, expect, it } from '@jest/globals';
import { loadConfiguration, readLogSettings } from '../../../src/config/configuration.js';
import { parseEnvironment, type RawEnvironment } from '../../../src/config/environment.js';
import { MAX_HEARTBEATS } from '../../../src/api/validators/heartbeat-batch.pipe.js';
import { DEVELOPMENT_JWT_SECRET, EXAMPLE_SECRETS } from '../../../src/config/jwt.config.js';

import { PRODUCTION, problemsInProduction, problemsOf, SECRET } from './problems-of.js';

describe('defaults', () => {
  it('equal those of the .env in the specification', () => {
    expect(parseEnvironment({})).toMatchObject({
      NODE_ENV: 'development',
      PORT: 3001,
      REDIS_PORT: 6379,
      REDIS_DB: 0,
      JWT_EXPIRES_IN: '7d',
      KAFKA_TOPIC_ANALYTICS: 'analytics-events',
    });
  });

  it('embed every service and admit no other machine', () => {
    expect(loadConfiguration({})).toEqual({
      app: {
        nodeEnv: 'development',
        port: 3001,
        host: '127.0.0.1',
        logLevel: 'info',
        workers: 1,
        shutdownGraceSeconds: 0,
        eventMaxAgeDays: 7,
        retention: { events: null, actives: null },
        internalApiKeys: [],
        trustsBodyUserId: true,
        placeNaming: 'canonical',
        publishesHeartbeats: true,
        heartbeatBufferSize: 10_000,
      },
      database: {
        url: null,
        migrationUrl: null,
        isDistributed: false,
        ingestUrls: [],
        poolSize: 10,
        embedded: { directory: '.data/postgres', port: 54329 },
      },
      redis: null,
      http: {
        trustedProxies: [],
        corsOrigins: [],
        limits: { perAddress: null, perInstall: null },
        live: { maxWatchers: 2000, maxWatchersPerAddress: null, streamSeconds: 900 },
        accessLog: false,
        dashboard: true,
        docsShowInternal: false,
      },
      jwt: {
        secret: DEVELOPMENT_JWT_SECRET,
        previousSecret: null,
        issuer: null,
        audience: null,
        expiresIn: '7d',
        adminRoles: [],
      },
      kafka: null,
      tracing: null,
    });
  });

  it('are frozen', () => {
    const config = loadConfiguration({});
    expect(
      [config, config.app, config.database, config.jwt].every((section) => Object.isFrozen(section)),
    ).toBe(true);
  });
});

it('accepts the .env of the specification unchanged', () => {
  const config = loadConfiguration({
    NODE_ENV: 'development',
    PORT: '3001',
    DATABASE_URL: 'postgresql://user:password@localhost:5432/rwa_analytics?schema=public',
    REDIS_HOST: 'localhost',
    REDIS_PORT: '6379',
    REDIS_PASSWORD: '',
    REDIS_DB: '0',
    JWT_SECRET: 'your-jwt-secret',
    JWT_EXPIRES_IN: '7d',
    KAFKA_BROKERS: 'localhost:9092',
    KAFKA_TOPIC_ANALYTICS: 'analytics-events',
    TZ: 'Asia/Shanghai',
  });
  expect(config).toMatchObject({
    app: { port: 3001 },
    database: { url: 'postgresql://user:password@localhost:5432/rwa_analytics?schema=public' },
    redis: { addresses: [{ host: 'localhost', port: 6379 }], password: null, db: 0 },
    jwt: { secret: 'your-jwt-secret', expiresIn: '7d' },
    kafka: {
      client: 'kafkajs',
      brokers: ['localhost:9092'],
      topicAnalytics: 'analytics-events',
      topicIdentity: 'identity-events',
      consumerGroup: 'analytics-presence-group',
      newTopics: { partitions: 12, replicationFactor: -1 },
      compression: 'gzip',
      tls: null,
      sasl: null,
    },
  });
});

describe('values', () => {
  it.each(['', ' ', undefined])('count as unset when they are %j', (empty) => {
    const names = Object.keys(PRODUCTION).concat('PORT', 'REDIS_PORT', 'REDIS_CLUSTER', 'INTERNAL_API_KEY');
    expect(loadConfiguration(Object.fromEntries(names.map((name) => [name, empty])))).toEqual(
      loadConfiguration({}),
    );
  });

  it('are trimmed', () => {
    expect(loadConfiguration({ PORT: ' 8080 ' }).app.port).toBe(8080);
  });

  it('of unknown variables are ignored', () => {
    expect(loadConfiguration({ PATH: '/bin', port: '1' })).toEqual(loadConfiguration({}));
  });

  it('become numbers, booleans and lists', () => {
    const config = loadConfiguration({
      PORT: '0',
      REDIS_HOST: 'redis',
      REDIS_CLUSTER: 'true',
      REDIS_PRESENCE_SHARDS: '64',
      ADMIN_ROLES: 'admin, analyst,,',
      KAFKA_BROKERS: 'one:9092,two:9093',
      EVENT_MAX_AGE_DAYS: '30',
    });
    expect(config).toMatchObject({
      app: { port: 0, eventMaxAgeDays: 30 },
      redis: { cluster: true, presenceShards: 64 },
      jwt: { adminRoles: ['admin', 'analyst'] },
      kafka: { brokers: ['one:9092', 'two:9093'] },
    });
  });

  it.each(['info', 'log'])('set the level of log lines to info when LOG_LEVEL is %s', (level) => {
    expect(loadConfiguration({ LOG_LEVEL: level }).app.logLevel).toBe('info');
    expect(readLogSettings({ LOG_LEVEL: level }).logLevel).toBe('info');
  });

  it('of DATABASE_URL serve the migrations unless DATABASE_MIGRATION_URL is set', () => {
    const url = 'postgresql://service@db/analytics';
    const owner = 'postgres://owner@db/analytics';
    expect(loadConfiguration({ DATABASE_URL: url }).database.migrationUrl).toBe(url);
    expect(loadConfiguration({ DATABASE_URL: url, DATABASE_MIGRATION_URL: owner }).database).toMatchObject({
      url,
      migrationUrl: owner,
    });
  });

  it.each([
    ['NODE_ENV', 'staging'],
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3001.5'],
    ['LOG_LEVEL', 'verbose'],
    ['SHUTDOWN_GRACE_SECONDS', '301'],
    ['SHUTDOWN_GRACE_SECONDS', '-1'],
    ['SHUTDOWN_GRACE_SECONDS', '2.5'],
    ['DATABASE_URL', 'mysql://localhost/analytics'],
    ['DATABASE_URL', 'postgresql://u:hunter2@127.0.0.1:99999/db'],
    ['DATABASE_URL', 'postgresql://u:hunter/2@127.0.0.1/db'],
    ['DATABASE_MIGRATION_URL', 'localhost:5432'],
    ['DATABASE_MIGRATION_URL', 'postgres://u:hunter2@[::1/db'],
    ['ADMIN_ROLES', ','],
    ['ADMIN_ROLES', ' , ,'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,::/0'],
    ['HOST', '0.0.0.0'],
    ['HOST', '::'],
    ['HOST', '127.0.0.1.example.com'],
    ['DATABASE_POOL_SIZE', '1'],
    ['REDIS_HOST', 'redis://localhost'],
    ['REDIS_HOST', 'redis:0'],
    ['REDIS_HOST', 'redis:65536'],
    ['REDIS_HOST', 'one two'],
    ['REDIS_HOST', '[::1:6379'],
    ['REDIS_SENTINELS', ','],
    ['REDIS_TLS', 'yes'],
    ['REDIS_PORT', '0'],
    ['REDIS_DB', '-1'],
    ['REDIS_CLUSTER', 'yes'],
    ['REDIS_PRESENCE_SHARDS', '0'],
    ['JWT_EXPIRES_IN', 'a week'],
    ['JWT_EXPIRES_IN', '7'],
    ['INTERNAL_API_KEY', 'short'],
    ['KAFKA_BROKERS', 'localhost'],
    ['KAFKA_BROKERS', 'one:9092 two:9092'],
    ['KAFKA_TOPIC_ANALYTICS', 'analytics events'],
    ['KAFKA_TOPIC_IDENTITY', 'x'.repeat(246)],
    ['KAFKA_CONSUMER_GROUP', 'a group'],
    ['KAFKA_TOPIC_PARTITIONS', '0'],
    ['KAFKA_TOPIC_PARTITIONS', '1001'],
    ['KAFKA_TOPIC_REPLICATION_FACTOR', '0'],
    ['KAFKA_COMPRESSION', 'zstd'],
    ['KAFKA_CLIENT', 'librdkafka'],
    ['KAFKA_SSL', 'yes'],
    ['KAFKA_SASL_MECHANISM', 'PLAIN'],
    ['KAFKA_HEARTBEATS', 'all'],
    ['KAFKA_HEARTBEAT_BUFFER_SIZE', String(2 * MAX_HEARTBEATS - 1)],
    ['WORKERS', '0'],
    ['WORKERS', '129'],
    ['WORKERS', 'all'],
    ['EVENT_MAX_AGE_DAYS', '0'],
    ['EVENT_MAX_AGE_DAYS', '367'],
  ])('%s=%s causes a problem that names the variable', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toContain(name);
  });
});

describe('in production', () => {
  it('accepts a complete configuration and listens on every interface', () => {
    expect(loadConfiguration(PRODUCTION)).toMatchObject({
      app: { nodeEnv: 'production', host: '0.0.0.0', shutdownGraceSeconds: 5 },
      jwt: { secret: SECRET },
    });
  });

  it.each(['DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKERS', 'JWT_SECRET'])('requires %s', (name) => {
    expect(problemsInProduction({ [name]: undefined })).toEqual([
      expect.stringContaining(`${name} must be set`),
    ]);
  });

  it('lists every missing variable when nothing is configured', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toHaveLength(4);
  });

  it.each(EXAMPLE_SECRETS)('rejects the example secret %s', (secret) => {
    expect(problemsInProduction({ JWT_SECRET: secret })).toEqual([expect.stringContaining('JWT_SECRET')]);
  });

  it.each(EXAMPLE_SECRETS)('rejects the example secret %s as the previous secret', (previous) => {
    expect(problemsInProduction({ JWT_SECRET_PREVIOUS: previous })).toEqual([
      expect.stringContaining('JWT_SECRET_PREVIOUS'),
    ]);
  });

  it('counts the secret of the specification and the development secret as examples', () => {
    expect(EXAMPLE_SECRETS).toEqual(expect.arrayContaining(['your-jwt-secret', DEVELOPMENT_JWT_SECRET]));
  });

  it('rejects a secret of 31 bytes and accepts one of 32', () => {
    expect(problemsInProduction({ JWT_SECRET: SECRET.slice(0, 31) })).toEqual([
      expect.stringContaining('at least 32 bytes'),
    ]);
    expect(problemsInProduction({ JWT_SECRET: SECRET.slice(0, 32) })).toEqual([]);
  });

  it('measures a secret in bytes, not in characters', () => {
    expect(problemsInProduction({ JWT_SECRET: '汉'.repeat(11) })).toEqual([]);
  });
});

describe('outside production, when other machines can connect', () => {
  it.each([undefined, ...EXAMPLE_SECRETS])('rejects the known secret %s', (secret) => {
    for (const NODE_ENV of ['development', 'test'])
      expect(problemsOf({ NODE_ENV, HOST: '192.0.2.1', JWT_SECRET: secret })).toEqual([
        expect.stringMatching(/^HOST .*JWT_SECRET/),
      ]);
  });

  it('rejects a known secret as the previous secret', () => {
    const env = { HOST: '0.0.0.0', JWT_SECRET: SECRET };
    expect(problemsOf(env)).toEqual([]);
    expect(problemsOf({ ...env, JWT_SECRET_PREVIOUS: DEVELOPMENT_JWT_SECRET })).toHaveLength(1);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
    'accepts any secret while it listens on %s only',
    (HOST) => {
      expect(problemsOf({ HOST })).toEqual([]);
    },
  );
});

it('accepts a short secret outside production, such as the one in the specification', () => {
  expect(problemsOf({ NODE_ENV: 'test', JWT_SECRET: 'short' })).toEqual([]);
});

describe('Kafka', () => {
  const brokers = { KAFKA_BROKERS: 'kafka:9092' };

  it('connects over TLS without files of its own', () => {
    expect(loadConfiguration({ ...brokers, KAFKA_SSL: 'true' }).kafka?.tls).toEqual({});
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('logs in with SASL %s', (mechanism) => {
    const env = {
      ...brokers,
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: 'a',
      KAFKA_SASL_PASSWORD: 'b',
    };
    expect(loadConfiguration(env).kafka?.sasl).toEqual({ mechanism, username: 'a', password: 'b' });
  });

  it.each<[RawEnvironment, RegExp]>([
    [
      { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' },
      /^KAFKA_SSL_CA_FILE .*"\/nowhere\/ca.pem" \(ENOENT\): correct/,
    ],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a' }, /^KAFKA_SASL_MECHANISM needs/],
    [{ KAFKA_SASL_PASSWORD: 'hunter2' }, /^KAFKA_SASL_PASSWORD: without effect/],
    [{ KAFKA_TOPIC_IDENTITY: 'analytics-events' }, /would consume its own events\. Name another topic$/],
  ])('rejects contradictory settings: %o', (env, problem) => {
    expect(problemsOf({ ...brokers, ...env })).toEqual([expect.stringMatching(problem)]);
  });

  it('rejects plain-text passwords in production', () => {
    const plain = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'hunter2' };
    expect(problemsInProduction(plain)).toEqual([expect.stringMatching(/^KAFKA_SASL_MECHANISM=plain/)]);
    expect(problemsInProduction({ ...plain, KAFKA_SSL: 'true' })).toEqual([]);
    expect(problemsInProduction({ ...plain, KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toEqual([]);
  });
});
