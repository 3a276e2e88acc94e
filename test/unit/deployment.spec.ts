import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { START_ARGUMENTS } from '../support/service.js';
import { loadConfiguration } from '../../src/config/configuration.js';
import { databaseConfig } from '../../src/config/database.config.js';
import { parseEnvironment } from '../../src/config/environment.js';
import { VARIABLES as CATALOGUE, type Environment } from '../../src/config/variables/catalogue.js';

const ROOT = join(import.meta.dirname, '../..');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** What builds and tests here cannot run Docker. What it would find missing is looked for one by one. */
const DOCKERFILE = read('Dockerfile');
const COMPOSE = read('docker-compose.yml');
const ENV_EXAMPLE = read('.env.example');
const MANIFEST = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** Every variable the service knows. */
const VARIABLES = Object.keys(CATALOGUE).sort();

/** The source of a file that a command of the image names: `dist` is compiled, scripts are copied as they are. */
function sourceOf(file: string): string {
  return file.startsWith('dist/') ? file.replace(/^dist\//, '').replace(/\.js$/, '.ts') : file;
}

function commandsNamedIn(text: string): string[] {
  return [...text.matchAll(/node (dist\/\S+\.js)/g)].flatMap(([, file]) => file ?? []);
}

// --- Dockerfile -----------------------------------------------------------------------------------------------------

interface Copy {
  readonly instruction: 'COPY';
  /** the stage, null for the build context */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly destination: string;
  /** what of the build context is copied, when that is the source; one list for each source */
  readonly files?: readonly (readonly string[])[];
}
interface Run {
  readonly instruction: 'RUN';
  readonly command: string;
}
interface Stage {
  readonly name: string;
  readonly from: string;
  readonly steps: readonly (Copy | Run)[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly expose: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly cmd: readonly string[];
  readonly healthcheck: { readonly cmd: readonly string[] };
}

/** As tools/check-image.mjs reads the Dockerfile and .dockerignore, which refuses what it does not understand. */
const { stages, image } = JSON.parse(
  execFileSync(process.execPath, [join(ROOT, 'tools/check-image.mjs'), '--plan'], { encoding: 'utf8' }),
) as { stages: readonly Stage[]; image: Stage };

function stage(name: string): Stage {
  const found = stages.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The Dockerfile has no stage ${name}`);
  return found;
}

const copies = stages.flatMap(({ steps }) => steps).filter((step) => step.instruction === 'COPY');
const runs = stages.flatMap(({ steps }) => steps).filter((step) => step.instruction === 'RUN');
const fromContext = copies.filter(({ from }) => from === null);

describe('Dockerfile', () => {
  it('starts from an image of a pinned major version', () => {
    const names = stages.map(({ name }) => name);
    const images = stages.map(({ from }) => from).filter((from) => !names.includes(from));

    expect(images).toEqual([expect.stringMatching(/^node:\d+-[a-z]+-slim$/)]);
    expect(image.labels['org.opencontainers.image.base.name']).toBe(`docker.io/library/${String(images[0])}`);
  });

  it('copies only what is there and what .dockerignore lets in', () => {
    const missing = fromContext.flatMap(({ sources, files }) =>
      sources.filter((_, index) => (files?.[index] ?? []).length === 0),
    );

    expect(fromContext.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('lets nothing into the build but sources', () => {
    const entering = fromContext.flatMap(({ files }) => files?.flat() ?? []);
    const surplus = entering.filter((file) =>
      /(^|\/)(\.env|\.npmrc|node_modules\/|dist\/|\.git|\.data|generated\/)|\.spec\.ts$|\.log$/.test(file),
    );

    expect(surplus).toEqual([]);
  });

  it('lets in, by .dockerignore, only what it copies', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const used = fromContext.flatMap(({ sources }) => sources.map((source) => source.split('/')[0]));

    expect([...allowed].sort()).toEqual([...new Set(used)].sort());
  });

  it('has what its build needs', () => {
    const inBuild = stage('build').steps.flatMap((step) =>
      step.instruction === 'COPY' ? (step.files?.flat() ?? []) : [],
    );
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    const topLevel = new Set(inBuild.map((file) => file.split('/')[0]));

    expect([...topLevel]).toEqual(expect.arrayContaining(include));
    expect(inBuild).toEqual(
      expect.arrayContaining([
        ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
        ...['prisma.config.ts', 'prisma/schema.prisma', 'tools/prisma-generate.mjs'],
      ]),
    );
  });

  it('runs only npm scripts that there are, and installs by the lock file', () => {
    const scripts = runs.flatMap(({ command }) =>
      [...command.matchAll(/npm run (\S+)/g)].map(([, name]) => name),
    );
    const installs = runs.filter(({ command }) => /npm (ci|install|i)\b/.test(command));

    expect(scripts).toEqual(['build']);
    for (const name of scripts) expect(Object.keys(MANIFEST.scripts)).toContain(name);
    expect(installs.map(({ command }) => command)).toEqual([
      expect.stringMatching(/^npm ci .*--ignore-scripts/),
      expect.stringMatching(/^npm ci .*--omit=dev --omit=optional --ignore-scripts/),
    ]);
  });

  it('takes the packages of the image from the stage without development packages', () => {
    const packages = image.steps.filter(
      (step) => step.instruction === 'COPY' && step.sources.some((source) => source.endsWith('node_modules')),
    );

    expect(packages).toEqual([expect.objectContaining({ from: 'dependencies' })]);
    expect(stage('dependencies').steps).toContainEqual(
      expect.objectContaining({ command: expect.stringContaining('--omit=dev') }),
    );
  });

  it('runs in production mode, as nobody with rights, and carries no secret', () => {
    expect(image.env).toEqual({ NODE_ENV: 'production' });
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(DOCKERFILE).not.toMatch(/^\s*(ARG|ENV)\b.*(SECRET|PASSWORD|TOKEN|KEY)/im);
  });

  it('is started as package.json does', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const name of ['start', 'start:prod'])
      expect(scripts[name]).toBe(`exec node ${START_ARGUMENTS.join(' ')} dist/src/main.js`);
  });

  it('starts, and checks, programs that are in it', () => {
    const copied = image.steps.flatMap((step) => (step.instruction === 'COPY' ? [step.destination] : []));

    expect(image.cmd).toEqual(['node', ...START_ARGUMENTS, 'dist/src/main.js']);
    expect(image.healthcheck.cmd).toEqual(['node', 'deploy/healthcheck.mjs']);
    for (const file of [image.cmd, image.healthcheck.cmd].map((cmd) => cmd.at(-1) ?? '')) {
      expect(existsSync(join(ROOT, sourceOf(file)))).toBe(true);
      expect(copied.some((destination) => file === destination || file.startsWith(`${destination}/`))).toBe(
        true,
      );
    }
  });

  it('carries the migrations, beside dist', () => {
    expect(image.steps).toContainEqual(
      expect.objectContaining({ sources: ['database/migrations'], destination: 'database/migrations' }),
    );
    expect(image.steps).toContainEqual(
      expect.objectContaining({ sources: ['/app/dist'], destination: 'dist' }),
    );
  });

  it('exposes the port the service listens on', () => {
    expect(image.expose).toEqual([parseEnvironment({}).PORT]);
  });

  it.each([...new Set([...commandsNamedIn(DOCKERFILE), ...commandsNamedIn(COMPOSE)])])(
    'explains a command that there is: %s',
    (file) => {
      expect(existsSync(join(ROOT, sourceOf(file)))).toBe(true);
    },
  );
});

describe('deploy/healthcheck.mjs', () => {
  /** Runs it against a service that answers with `status`, or against nobody. */
  async function healthcheck(
    status: number | null,
  ): Promise<{ exitCode: unknown; path: string | undefined }> {
    let path: string | undefined;
    const server = createServer((request, response) => {
      path = request.url;
      response.writeHead(status ?? 500).end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    if (status === null) server.close();
    const child = spawn(process.execPath, [join(ROOT, 'deploy/healthcheck.mjs')], {
      env: { PORT: String(port), HOST: '0.0.0.0' },
      stdio: 'ignore',
    });
    const [exitCode] = (await once(child, 'exit')) as [unknown];
    server.close();
    return { exitCode, path };
  }

  it('is content with a service that says it is alive', async () => {
    expect(await healthcheck(200)).toEqual({ exitCode: 0, path: '/health/live' });
  });

  it('is not content with any other answer, nor with none', async () => {
    expect(await healthcheck(503)).toMatchObject({ exitCode: 1 });
    expect(await healthcheck(null)).toMatchObject({ exitCode: 1 });
  });
});

// --- docker-compose.yml ---------------------------------------------------------------------------------------------

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string };
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
}
interface ComposeFile {
  readonly services: Readonly<Record<'postgres' | 'redis' | 'kafka' | 'migrate' | 'service', ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as docker compose does. */
function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, kind?: string, rest?: string) => {
      const value = environment[name] ?? '';
      if (value !== '' || kind === undefined) return value;
      if (kind === '-') return rest ?? '';
      throw new Error(`${name}: ${rest ?? ''}`);
    },
  );
}

/** As docker compose reads the file: YAML first, then the variables in each of its strings. */
function compose(environment: Readonly<Record<string, string>>): ComposeFile {
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, environment);
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner)]));
  };
  return inside(load(COMPOSE, { schema: CORE_SCHEMA.withTags(mergeTag) })) as ComposeFile;
}

function textOf({ environment }: ComposeService): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}

const SECRETS = {
  JWT_SECRET: 'a'.repeat(64),
  POSTGRES_PASSWORD: 'b'.repeat(48),
  POSTGRES_SERVICE_PASSWORD: 'c'.repeat(48),
  REDIS_PASSWORD: 'd'.repeat(48),
};
/** Variables of docker-compose.yml, by whether it insists on them. */
const interpolated = [...COMPOSE.matchAll(/\$\{(\w+)(:[-?])?/g)].map(([, name = '', kind = '']) => ({
  name,
  kind,
}));
const required = [
  ...new Set(interpolated.filter(({ kind }) => kind === ':?').map(({ name }) => name)),
].sort();

describe('docker-compose.yml', () => {
  const { services, volumes } = compose(SECRETS);
  const all = Object.entries(services);

  it('insists on each secret, and on nothing else', () => {
    expect(required).toEqual(Object.keys(SECRETS).sort());
    for (const name of required) expect(() => compose({ ...SECRETS, [name]: '' })).toThrow(name);
    const unguarded = interpolated.filter(({ name, kind }) => kind === '' && !required.includes(name));
    expect(unguarded).toEqual([]);
  });

  it('takes images of pinned versions, and the service’s own from here', () => {
    const own = all.filter(([, { build }]) => build !== undefined).map(([name]) => name);

    expect(own).toEqual(['migrate', 'service']);
    for (const [, { image: name, build }] of all) {
      if (build === undefined) expect(name).toMatch(/^[\w/]+:\d[\w.-]*$/);
      else expect(build.context).toBe('.');
    }
  });

  it('starts each part after what it needs', () => {
    const order = Object.fromEntries(all.map(([name, { depends_on: needs }]) => [name, needs ?? {}]));
    const healthy = { condition: 'service_healthy' };

    expect(order).toEqual({
      postgres: {},
      redis: {},
      kafka: {},
      migrate: { postgres: healthy },
      service: { migrate: { condition: 'service_completed_successfully' }, redis: healthy, kafka: healthy },
    });
    expect(services.migrate.restart).toBe('no');
  });

  it('knows when each part is healthy', () => {
    for (const name of ['postgres', 'redis', 'kafka'] as const) {
      expect(services[name].healthcheck?.test?.length).toBeGreaterThan(1);
    }
    // The image brings its own command, and compose only says how often.
    expect(services.service.healthcheck).toBeDefined();
    expect(services.service.healthcheck?.test).toBeUndefined();
  });

  it('sets no variable that the service does not know', () => {
    for (const name of ['migrate', 'service'] as const) {
      expect(
        Object.keys(services[name].environment).filter((variable) => !VARIABLES.includes(variable)),
      ).toEqual([]);
    }
  });

  it('passes every variable on, but for those that make no sense in it', () => {
    const passed = Object.keys(services.service.environment);

    expect(VARIABLES.filter((variable) => !passed.includes(variable))).toEqual([
      // The migrations have it, the service must not.
      'DATABASE_MIGRATION_URL',
      // Nothing is embedded.
      'EMBEDDED_POSTGRES_DIRECTORY',
      'EMBEDDED_POSTGRES_PORT',
      // Everybody in the container's network.
      'HOST',
      // For tokens of a development start.
      'JWT_EXPIRES_IN',
      // One broker, on the containers' own network, and the service's defaults.
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
      // One Redis, as the file starts it.
      'REDIS_CLUSTER',
      'REDIS_DB',
      'REDIS_PORT',
      'REDIS_PRESENCE_SHARDS',
    ]);
  });

  it('configures the service for production, with the parts it starts', () => {
    const config = loadConfiguration(textOf(services.service));

    expect(config.app).toMatchObject({ nodeEnv: 'production', host: '0.0.0.0', port: image.expose[0] });
    expect(config.jwt.secret).toBe(SECRETS.JWT_SECRET);
    expect(config.redis).toMatchObject({ host: 'redis', password: SECRETS.REDIS_PASSWORD });
    expect(services.redis.command).toEqual(expect.arrayContaining(['--requirepass', SECRETS.REDIS_PASSWORD]));
    expect(config.database.url).toBe(
      `postgresql://analytics_app:${SECRETS.POSTGRES_SERVICE_PASSWORD}@postgres:5432/rwa_analytics`,
    );
    expect(services.postgres.environment['POSTGRES_DB']).toBe('rwa_analytics');
    const listeners = String(services.kafka.environment['KAFKA_ADVERTISED_LISTENERS']).split(',');
    expect(config.kafka?.brokers.map((broker) => `INTERNAL://${broker}`)).toEqual([listeners[0]]);
  });

  it('hands over what .env sets, and leaves the rest to the service', () => {
    const set = {
      LOG_LEVEL: 'warn',
      EVENT_MAX_AGE_DAYS: '14',
      ADMIN_ROLES: 'admin',
      DATABASE_POOL_SIZE: '20',
    };
    const config = loadConfiguration(textOf(compose({ ...SECRETS, ...set }).services.service));

    expect(config.app).toMatchObject({ logLevel: 'warn', eventMaxAgeDays: 14 });
    expect(config.jwt.adminRoles).toEqual(['admin']);
    expect(config.database.poolSize).toBe(20);
    expect(loadConfiguration(textOf(services.service)).database.poolSize).toBe(
      parseEnvironment({}).DATABASE_POOL_SIZE,
    );
  });

  it('migrates as the owner, with a program that is in the image', () => {
    const { migrationUrl, url } = databaseConfig(parseEnvironment(textOf(services.migrate)));

    expect(migrationUrl).toBe(
      `postgresql://analytics_owner:${SECRETS.POSTGRES_PASSWORD}@postgres:5432/rwa_analytics`,
    );
    expect(url).toBeNull();
    expect(services.migrate.command).toEqual(['node', 'dist/src/cli/migrate.js']);
  });

  it('makes the roles that it connects as, before any migration', () => {
    const roles = read('database/compose/roles.sql');
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

  it('keeps the data in volumes, and mounts only what is there', () => {
    const mounts = all
      .flatMap(([, service]) => service.volumes ?? [])
      .map((mount) => mount.split(':')[0] ?? '');
    const files = mounts.filter((source) => source.startsWith('.'));

    expect(mounts.filter((source) => !source.startsWith('.')).sort()).toEqual(Object.keys(volumes).sort());
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('opens no port to other machines', () => {
    for (const [, { ports }] of all) for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services.service.ports).toEqual([`127.0.0.1:3001:${String(image.expose[0])}`]);
  });

  it('gives the service no rights it does not need', () => {
    for (const name of ['migrate', 'service'] as const) {
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it('waits for the service to stop longer than the service itself does', () => {
    const [, own = ''] = /SHUTDOWN_TIMEOUT_MS = ([\d_]+)/.exec(read('src/main.ts')) ?? [];
    const [, seconds = ''] = /^(\d+)s$/.exec(services.service.stop_grace_period ?? '') ?? [];

    expect(Number(seconds) * 1000).toBeGreaterThan(Number(own.replaceAll('_', '')));
  });
});

// --- .env.example ---------------------------------------------------------------------------------------------------

describe('.env.example', () => {
  const set = parseEnv(ENV_EXAMPLE) as Record<string, string>;
  /** A comment with nothing but an assignment in it. */
  const off = Object.fromEntries(
    [...ENV_EXAMPLE.matchAll(/^# ([A-Z][A-Z_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const composeOnly = [...new Set(interpolated.map(({ name }) => name))].filter(
    (name) => !VARIABLES.includes(name),
  );

  it('has every variable of the service and of docker-compose.yml, once, and no other', () => {
    const named = [...ENV_EXAMPLE.matchAll(/^(?:# )?([A-Z][A-Z_]*)=/gm)].map(([, name]) => name).sort();

    expect(named).toEqual([...VARIABLES, ...composeOnly, 'TZ'].sort());
  });

  it('explains each', () => {
    const paragraphs = ENV_EXAMPLE.split('\n\n').filter((text) => /^(# )?[A-Z][A-Z_]*=/m.test(text));

    for (const paragraph of paragraphs.slice(1)) expect(paragraph).toMatch(/^# [^=]{20,}/);
  });

  it('leaves off what switches to real services, and every secret', () => {
    expect(Object.keys(off)).toEqual(
      expect.arrayContaining([
        'DATABASE_URL',
        'REDIS_HOST',
        'KAFKA_BROKERS',
        'JWT_SECRET',
        'INTERNAL_API_KEY',
      ]),
    );
    for (const name of [...required, 'INTERNAL_API_KEY']) expect({ ...set, ...off }[name]).toBe('');
  });

  it('has no value for any secret', () => {
    const secrets = Object.entries({ ...set, ...off }).filter(([name]) =>
      /SECRET|PASSWORD|KEY(_PREVIOUS)?$/.test(name),
    );

    expect(secrets.length).toBeGreaterThanOrEqual(7);
    for (const [name, value] of secrets) expect({ name, value }).toEqual({ name, value: '' });
  });

  it('changes nothing when it is copied as it is', () => {
    const config = loadConfiguration(set);

    expect(parseEnvironment(set)).toEqual(parseEnvironment({}));
    expect(config).toEqual(loadConfiguration({}));
    expect(config).toMatchObject({ database: { url: null, migrationUrl: null }, redis: null, kafka: null });
  });

  it('gives values that the service accepts, each of which it reads', () => {
    const secrets = {
      JWT_SECRET: SECRETS.JWT_SECRET,
      JWT_SECRET_PREVIOUS: SECRETS.JWT_SECRET,
      INTERNAL_API_KEY: 'k'.repeat(16),
      REDIS_PASSWORD: 'p',
      KAFKA_SASL_PASSWORD: 'p',
    };
    const environment = parseEnvironment({ ...off, ...set, ...secrets });

    const ignored = VARIABLES.filter((name) => environment[name as keyof Environment] === undefined);
    expect(ignored).toEqual([]);
  });

  it('keeps the names and defaults of the specification', () => {
    expect({ ...set, ...off }).toMatchObject({
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
