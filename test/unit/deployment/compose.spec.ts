import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { databaseConfig } from '../../../src/config/database.config.js';
import { parseEnvironment } from '../../../src/config/environment.js';
import { SECRET_VARIABLES, VARIABLES } from '../../../src/config/variables/catalogue.js';
import { neededMemoryMiB } from '../../../tools/helm/memory-rules.js';
import { readComposeFile, type ComposeService } from './compose-file.js';
import {
  COMPOSE_VARIABLES,
  IMAGE_PLAN,
  readProjectFile,
  ROOT,
  SERVICE_VARIABLES,
} from './deployment-files.js';

const { image } = IMAGE_PLAN;
const IN_CONTAINERS = '/run/secrets/';
const SCRIPT = join(ROOT, 'deploy/compose/create-secrets.sh');

let directory: string;

/** Runs the script that writes the secrets; variables replace the random values. */
function createSecrets(environment: Readonly<Record<string, string>> = {}) {
  return spawnSync('sh', [SCRIPT, directory], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });
}

function secret(name: string): string {
  return readFileSync(join(directory, name), 'utf8').trim();
}

/** Returns what a container's program gets, with its secrets where the script has written them. */
function environmentOf({ environment = {} }: ComposeService): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(IN_CONTAINERS, `${directory}/`),
    ]),
  );
}

/** Returns the variables of the service that a container gets, by themselves or as files. */
function variablesOf({ environment = {} }: ComposeService): string[] {
  return Object.keys(environment).map((name) => {
    const variable = name.replace(/_FILE$/, '');
    return SECRET_VARIABLES.has(variable) ? variable : name;
  });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'compose-secrets-'));
  expect(createSecrets().status).toBe(0);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('the secrets of docker-compose.yml', () => {
  const { services, secrets } = readComposeFile();

  it('are in no variable, no argument and no health check', () => {
    const named = COMPOSE_VARIABLES.filter(
      ({ name }) => SECRET_VARIABLES.has(name) || /PASSWORD|SECRET|TOKEN|KEY$/.test(name),
    );
    expect(named).toEqual([]);
    const files = readdirSync(directory)
      .map(secret)
      .filter((value) => value !== '');
    const text = JSON.stringify(services);
    for (const value of files) expect(text).not.toContain(value);
  });

  it('are the files that the script writes, each given to the containers that read it', () => {
    expect(Object.keys(secrets).sort()).toEqual(readdirSync(directory).sort());
    for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`./secrets/${name}`);
    for (const service of Object.values(services)) {
      const scripts = (service.volumes ?? []).filter((mount) => mount.includes('.sql:'));
      const texts = [
        JSON.stringify(service),
        ...scripts.map((mount) => readProjectFile(mount.split(':')[0] ?? '')),
      ];
      const read = new Set(
        texts.flatMap((text) => [...text.matchAll(/\/run\/secrets\/([\w.-]*\w)/g)].map(([, name]) => name)),
      );
      expect([...(service.secrets ?? [])].sort()).toEqual([...read].sort());
    }
  });

  it('stay out of the repository and of the image', () => {
    expect(readProjectFile('.gitignore')).toMatch(/^secrets\/$/m);
    expect(readProjectFile('.dockerignore')).not.toContain('secrets');
  });

  it('are random, long enough for production, kept by a second run, and in a directory of their owner', () => {
    const before = readdirSync(directory).map(secret);
    expect(secret('jwt-secret')).toMatch(/^[0-9a-f]{64}$/);
    expect(secret('jwt-secret')).not.toBe(secret('redis-password'));

    expect(createSecrets({ JWT_SECRET: 'another' }).status).toBe(0);
    expect(readdirSync(directory).map(secret)).toEqual(before);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o444).toBe(0o444);
  });

  it('may be given, and a password that would break a URL is refused', () => {
    const file = join(directory, 'redis-password');
    const before = secret('redis-password');
    rmSync(file);
    expect(createSecrets({ REDIS_PASSWORD: 'from1the2environment' }).stdout).toBe('created redis-password\n');
    expect(secret('redis.conf')).toBe('requirepass from1the2environment');

    writeFileSync(file, 'p@ss word');
    const { status, stderr } = createSecrets();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('redis-password must hold letters and digits only'),
    });
    writeFileSync(file, before);
    expect(createSecrets().status).toBe(0);
  });
});

describe('a file of docker-compose.yml that contains a password', () => {
  const FILES = [
    ['database-url', 'postgres-service-password', '@postgres:', '@pooler:'],
    ['database-migration-url', 'postgres-owner-password', '\n', '?connect_timeout=5\n'],
    ['redis.conf', 'redis-password', '\n', '\nmaxclients 500\n'],
  ] as const;

  it.each(FILES)('%s follows the file of the password', (name, password, _part, _changed) => {
    const [file, before] = [join(directory, password), secret(password)];
    const text = secret(name);
    writeFileSync(file, 'another1\n');
    expect(createSecrets()).toMatchObject({ status: 0, stdout: '' });
    expect(secret(name)).toBe(text.replace(before, 'another1'));

    writeFileSync(file, `${before}\n`);
    expect(createSecrets().status).toBe(0);
    expect(secret(name)).toBe(text);
  });

  it.each(FILES)('%s is kept when more of it was changed', (name, _, part, changed) => {
    const [file, text] = [join(directory, name), `${secret(name)}\n`];
    const own = text.replace(part, changed);
    writeFileSync(file, own);

    const { status, stdout } = createSecrets();
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(`kept ${name}`) });
    expect(readFileSync(file, 'utf8')).toBe(own);

    writeFileSync(file, text);
  });
});

describe('docker-compose.yml', () => {
  const { services, volumes } = readComposeFile();
  const all = Object.entries(services);

  it('needs no variable', () => {
    expect(COMPOSE_VARIABLES.filter(({ kind }) => kind !== ':-')).toEqual([]);
  });

  it('bounds the memory, the processors and the log of every container', () => {
    for (const [name, { cpus, mem_limit: memory, ...rest }] of all) {
      expect({ name, cpus, memory, logs: 'logging' in rest }).toEqual({
        name,
        cpus: expect.any(Number),
        memory: expect.stringMatching(/^\d+[mg]$/),
        logs: true,
      });
    }
  });

  it('gives the service the memory of as many workers as it has processors', () => {
    const [, heap = ''] = /--max-old-space-size=(\d+)/.exec(readProjectFile('Dockerfile')) ?? [];
    const { cpus, mem_limit: memory } = services.service;
    const [, number, unit] = /^(\d+)([mg])$/.exec(String(memory)) ?? [];

    expect(Number(number) * (unit === 'g' ? 1024 : 1)).toBeGreaterThanOrEqual(
      neededMemoryMiB(Math.ceil(Number(cpus)), Number(heap)),
    );
  });

  it('pins the version of every image and builds the service from this checkout', () => {
    const own = all.filter(([, { build }]) => build !== undefined).map(([name]) => name);

    expect(own).toEqual(['migrate', 'service', 'demo']);
    for (const [, { image: name, build }] of all) {
      if (build === undefined) expect(name).toMatch(/^[\w/]+:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?$/);
      else expect(build.context).toBe('.');
    }
    expect(IMAGE_PLAN.stages.map(({ name }) => name)).toContain(services.demo.build?.target);
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
      demo: { service: healthy },
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
    expect(services.kafka.image?.replace(/@.*/, '')).toBe(`apache/kafka:${version}`);
  });

  it.each([
    ['postgres', 'PostgreSQL'],
    ['redis', 'Redis'],
    ['kafka', 'Apache Kafka'],
  ] as const)('has the version of %s that docs/operations.md says the suites run', (name, engine) => {
    const [, table = ''] = readProjectFile('docs/operations.md').split('### Versions that were run');
    const [, run] = new RegExp(`^\\| ${engine} +\\|[^|]*?(\\d[\\d.]*)`, 'm').exec(table) ?? [];
    const [, version] = /:v?([\d.]+)/.exec(String(services[name].image)) ?? [];
    expect(`${version}.`).toMatch(new RegExp(`^${run}\\.`));
  });

  it('sets only variables that the service reads', () => {
    for (const name of ['migrate', 'service'] as const) {
      expect(variablesOf(services[name]).filter((variable) => !SERVICE_VARIABLES.includes(variable))).toEqual(
        [],
      );
    }
  });

  it('passes on every variable except those that it decides itself', () => {
    const passed = variablesOf(services.service);

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
    expect(config.jwt).toMatchObject({ secret: secret('jwt-secret'), previousSecret: null });
    expect(config.app.internalApiKeys).toEqual([secret('internal-api-key')]);
    expect(config.redis).toMatchObject({
      addresses: [{ host: 'redis', port: 6379 }],
      password: secret('redis-password'),
    });
    expect(secret('redis.conf')).toBe(`requirepass ${secret('redis-password')}`);
    expect(config.database.url).toBe(
      `postgresql://analytics_app:${secret('postgres-service-password')}@postgres:5432/rwa_analytics`,
    );
    expect(services.postgres.environment?.['POSTGRES_DB']).toBe('rwa_analytics');
    const listeners = String(services.kafka.environment?.['KAFKA_ADVERTISED_LISTENERS']).split(',');
    expect(config.kafka?.brokers.map((broker) => `INTERNAL://${broker}`)).toEqual([listeners[0]]);
  });

  it('passes on the values of .env and leaves the service its other defaults', () => {
    const set = {
      LOG_LEVEL: 'warn',
      EVENT_MAX_AGE_DAYS: '14',
      ADMIN_ROLES: 'admin',
      DATABASE_POOL_SIZE: '20',
    };
    const config = loadConfiguration(environmentOf(readComposeFile(set).services.service));

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
      `postgresql://analytics_owner:${secret('postgres-owner-password')}@postgres:5432/rwa_analytics`,
    );
    expect(url).toBeNull();
    expect(services.migrate.command).toEqual(['node', 'dist/src/cli/migrate.js']);
  });

  it('creates the roles of its connections before any migration', () => {
    const roles = readProjectFile('database/compose/roles.sql');
    expect(services.postgres.volumes).toContainEqual(
      expect.stringMatching(/^\.\/database\/compose\/roles\.sql:\/docker-entrypoint-initdb\.d\/.+\.sql:ro$/),
    );
    expect([...roles.matchAll(/^CREATE ROLE (\w+)/gm)].map(([, name]) => name)).toEqual([
      'analytics_owner',
      'analytics_service',
      'analytics_app',
    ]);
    expect(roles).toMatch(/CREATE ROLE analytics_app LOGIN IN ROLE analytics_service;/);
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
    for (const name of ['migrate', 'service', 'demo'] as const) {
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it('grants the service a longer stop period than its own grace and shutdown timeout', () => {
    const [, own = ''] = /SHUTDOWN_TIMEOUT_MS = ([\d_]+)/.exec(readProjectFile('src/lifecycle.ts')) ?? [];
    const [, seconds = ''] = /^(\d+)s$/.exec(services.service.stop_grace_period ?? '') ?? [];

    const grace = Number(VARIABLES['SHUTDOWN_GRACE_SECONDS']?.productionDefault);
    expect((Number(seconds) - grace) * 1000).toBeGreaterThan(Number(own.replaceAll('_', '')) + 5000);
  });
});
