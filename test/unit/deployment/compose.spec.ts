import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { databaseConfig } from '../../../src/config/database.config.js';
import { parseEnvironment } from '../../../src/config/environment.js';
import { VARIABLES } from '../../../src/config/variables/catalogue.js';
import { readComposeFile, type ComposeService } from './compose-file.js';
import {
  COMPOSE_VARIABLES,
  IMAGE_PLAN,
  readProjectFile,
  REQUIRED_COMPOSE_VARIABLES,
  ROOT,
  SECRETS,
  SERVICE_VARIABLES,
} from './deployment-files.js';

const { image } = IMAGE_PLAN;

function environmentOf({ environment }: ComposeService): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}

describe('docker-compose.yml', () => {
  const { services, volumes } = readComposeFile(SECRETS);
  const all = Object.entries(services);

  it('requires every secret and no other variable', () => {
    expect(REQUIRED_COMPOSE_VARIABLES).toEqual(Object.keys(SECRETS).sort());
    for (const name of REQUIRED_COMPOSE_VARIABLES)
      expect(() => readComposeFile({ ...SECRETS, [name]: '' })).toThrow(name);
    const unguarded = COMPOSE_VARIABLES.filter(
      ({ name, kind }) => kind === '' && !REQUIRED_COMPOSE_VARIABLES.includes(name),
    );
    expect(unguarded).toEqual([]);
  });

  it('pins the version of every image and builds the service from this checkout', () => {
    const own = all.filter(([, { build }]) => build !== undefined).map(([name]) => name);

    expect(own).toEqual(['migrate', 'service']);
    for (const [, { image: name, build }] of all) {
      if (build === undefined) expect(name).toMatch(/^[\w/]+:v?\d[\w.-]*$/);
      else expect(build.context).toBe('.');
    }
  });

  it('starts each container after the containers that it depends on', () => {
    const order = Object.fromEntries(all.map(([name, { depends_on: needs }]) => [name, needs ?? {}]));
    const healthy = { condition: 'service_healthy' };

    expect(order).toEqual({
      postgres: {},
      redis: {},
      kafka: {},
      migrate: { postgres: healthy },
      service: { migrate: { condition: 'service_completed_successfully' }, redis: healthy, kafka: healthy },
      prometheus: {},
      alertmanager: {},
      grafana: {},
    });
    expect(services.migrate.restart).toBe('no');
  });

  it('has a health check for every server', () => {
    for (const name of ['postgres', 'redis', 'kafka', 'prometheus', 'alertmanager', 'grafana'] as const) {
      expect(services[name].healthcheck?.test?.length).toBeGreaterThan(1);
    }
    // The image has the command; docker-compose.yml sets the interval only.
    expect(services.service.healthcheck).toBeDefined();
    expect(services.service.healthcheck?.test).toBeUndefined();
  });

  it('has the version of Apache Kafka that the suites run', () => {
    const pom = readProjectFile('test/support/kafka/apache/pom.xml');
    const [, version] = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(pom) ?? [];
    expect(services.kafka.image).toBe(`apache/kafka:${version}`);
  });

  it('sets only variables that the service reads', () => {
    for (const name of ['migrate', 'service'] as const) {
      expect(
        Object.keys(services[name].environment).filter((variable) => !SERVICE_VARIABLES.includes(variable)),
      ).toEqual([]);
    }
  });

  it('passes on every variable except those that it decides itself', () => {
    const passed = Object.keys(services.service.environment);

    expect(SERVICE_VARIABLES.filter((variable) => !passed.includes(variable))).toEqual([
      // The database is one server and no cluster.
      'CITUS',
      'DATABASE_INGEST_URLS',
      // Migrations only.
      'DATABASE_MIGRATION_URL',
      // PostgreSQL has a container of its own.
      'EMBEDDED_POSTGRES_DIRECTORY',
      'EMBEDDED_POSTGRES_PORT',
      // The service listens on all addresses of its container.
      'HOST',
      // Development tokens only.
      'JWT_EXPIRES_IN',
      // One broker in the containers' network, with the service's defaults.
      'KAFKA_COMPRESSION',
      'KAFKA_CONSUMER_GROUP',
      'KAFKA_HEARTBEAT_BUFFER_SIZE',
      'KAFKA_SASL_MECHANISM',
      'KAFKA_SASL_PASSWORD',
      'KAFKA_SASL_USERNAME',
      'KAFKA_SSL',
      'KAFKA_SSL_CA_FILE',
      'KAFKA_SSL_CERT_FILE',
      'KAFKA_SSL_KEY_FILE',
      'KAFKA_TOPIC_REPLICATION_FACTOR',
      // One Redis on its default port.
      'REDIS_CLUSTER',
      'REDIS_DB',
      'REDIS_PORT',
      'REDIS_PRESENCE_SHARDS',
      'REDIS_SENTINELS',
      'REDIS_SENTINEL_MASTER',
      'REDIS_SENTINEL_PASSWORD',
      'REDIS_TLS',
      'REDIS_TLS_CA_FILE',
      'REDIS_TLS_CERT_FILE',
      'REDIS_TLS_KEY_FILE',
      'REDIS_USERNAME',
    ]);
  });

  it('configures the service for production with the servers that it starts', () => {
    const config = loadConfiguration(environmentOf(services.service));

    expect(config.app).toMatchObject({ nodeEnv: 'production', host: '0.0.0.0', port: image.expose[0] });
    expect(config.jwt.secret).toBe(SECRETS.JWT_SECRET);
    expect(config.redis).toMatchObject({
      addresses: [{ host: 'redis', port: 6379 }],
      password: SECRETS.REDIS_PASSWORD,
    });
    expect(services.redis.command).toEqual(expect.arrayContaining(['--requirepass', SECRETS.REDIS_PASSWORD]));
    expect(config.database.url).toBe(
      `postgresql://analytics_app:${SECRETS.POSTGRES_SERVICE_PASSWORD}@postgres:5432/rwa_analytics`,
    );
    expect(services.postgres.environment['POSTGRES_DB']).toBe('rwa_analytics');
    const listeners = String(services.kafka.environment['KAFKA_ADVERTISED_LISTENERS']).split(',');
    expect(config.kafka?.brokers.map((broker) => `INTERNAL://${broker}`)).toEqual([listeners[0]]);
  });

  it('passes on the values of .env and leaves the service its other defaults', () => {
    const set = {
      LOG_LEVEL: 'warn',
      EVENT_MAX_AGE_DAYS: '14',
      ADMIN_ROLES: 'admin',
      DATABASE_POOL_SIZE: '20',
    };
    const config = loadConfiguration(environmentOf(readComposeFile({ ...SECRETS, ...set }).services.service));

    expect(config.app).toMatchObject({ logLevel: 'warn', eventMaxAgeDays: 14 });
    expect(config.jwt.adminRoles).toEqual(['admin']);
    expect(config.database.poolSize).toBe(20);
    expect(loadConfiguration(environmentOf(services.service)).database.poolSize).toBe(
      parseEnvironment({}).DATABASE_POOL_SIZE,
    );
  });

  it('migrates as the owner with the program of the image', () => {
    const { migrationUrl, url } = databaseConfig(parseEnvironment(environmentOf(services.migrate)));

    expect(migrationUrl).toBe(
      `postgresql://analytics_owner:${SECRETS.POSTGRES_PASSWORD}@postgres:5432/rwa_analytics`,
    );
    expect(url).toBeNull();
    expect(services.migrate.command).toEqual(['node', 'dist/src/cli/migrate.js']);
  });

  it('creates the roles of its connections before any migration', () => {
    const roles = readProjectFile('database/compose/roles.sql');
    const given = Object.keys(services.postgres.environment);

    expect(services.postgres.volumes).toContainEqual(
      expect.stringMatching(/^\.\/database\/compose\/roles\.sql:\/docker-entrypoint-initdb\.d\/.+\.sql:ro$/),
    );
    for (const [, variable] of roles.matchAll(/^\\getenv \w+ (\w+)$/gm)) expect(given).toContain(variable);
    expect([...roles.matchAll(/^CREATE ROLE (\w+)/gm)].map(([, name]) => name)).toEqual([
      'analytics_owner',
      'analytics_service',
      'analytics_app',
    ]);
    expect(roles).toMatch(/CREATE ROLE analytics_app .* IN ROLE analytics_service;/);
    expect(roles).not.toMatch(/SUPERUSER|CREATEROLE/);
  });

  it('keeps data in declared volumes and mounts only files that exist', () => {
    const mounts = all
      .flatMap(([, service]) => service.volumes ?? [])
      .map((mount) => mount.split(':')[0] ?? '');
    const files = mounts.filter((source) => source.startsWith('.'));

    expect(mounts.filter((source) => !source.startsWith('.')).sort()).toEqual(Object.keys(volumes).sort());
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('binds every port to the loopback address', () => {
    for (const [, { ports }] of all) for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services.service.ports).toEqual([`127.0.0.1:3001:${String(image.expose[0])}`]);
  });

  it('runs the service read-only and without capabilities', () => {
    for (const name of ['migrate', 'service'] as const) {
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it('grants the service a longer stop period than its own grace and shutdown timeout', () => {
    const [, own = ''] = /SHUTDOWN_TIMEOUT_MS = ([\d_]+)/.exec(readProjectFile('src/main.ts')) ?? [];
    const [, seconds = ''] = /^(\d+)s$/.exec(services.service.stop_grace_period ?? '') ?? [];

    const grace = Number(VARIABLES['SHUTDOWN_GRACE_SECONDS']?.productionDefault);
    expect((Number(seconds) - grace) * 1000).toBeGreaterThan(Number(own.replaceAll('_', '')) + 5000);
  });
});
