import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { VARIABLES } from '../../../src/config/variables/catalogue.js';
import { chartProblems, isSecretVariable, SECONDS_AFTER_GRACE } from '../../../tools/helm/chart-rules.js';
import { isNewEnough, isUnreachable } from '../../../tools/helm/go-tools.js';
import type { Manifest } from '../../../tools/helm/manifest.js';
import { startProblems } from '../../../tools/helm/start-rules.js';
import { readProjectFile, SERVICE_VARIABLES } from './deployment-files.js';

interface Values {
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly secrets: { readonly keys: Readonly<Record<string, string>> };
}

const CHART = 'deploy/helm/analytics-presence';
const valuesOf = (path: string): Values => load(readProjectFile(path)) as Values;
const SCHEMA = JSON.parse(readProjectFile(`${CHART}/values.schema.json`)) as {
  readonly properties: {
    readonly config: { readonly properties: object };
    readonly secrets: { readonly properties: { readonly keys: { readonly properties: object } } };
  };
};
const CONFIG = Object.keys(SCHEMA.properties.config.properties);
const SECRETS = Object.keys(SCHEMA.properties.secrets.properties.keys.properties);
const BY_THE_TEMPLATES = ['DATABASE_MIGRATION_URL', 'HOST', 'NODE_ENV', 'PORT', 'SHUTDOWN_GRACE_SECONDS'];
const OF_DEVELOPMENT = ['EMBEDDED_POSTGRES_DIRECTORY', 'EMBEDDED_POSTGRES_PORT', 'JWT_EXPIRES_IN'];

const DEFAULTS = valuesOf(`${CHART}/values.yaml`);
const EVERYTHING = valuesOf('deploy/helm/values/everything.yaml');

describe('the values of the Helm chart', () => {
  it('name every variable of the service once, and no other', () => {
    expect([...CONFIG, ...SECRETS, ...BY_THE_TEMPLATES, ...OF_DEVELOPMENT].sort()).toEqual(SERVICE_VARIABLES);
    for (const name of CONFIG) expect(readProjectFile('docs/configuration.md')).toContain(`\`${name}\``);
  });

  it('take secrets by reference only', () => {
    expect(SECRETS).toEqual(SERVICE_VARIABLES.filter((name) => SECRETS.includes(name)));
    expect(CONFIG.filter(isSecretVariable)).toEqual([]);
    expect(SECRETS.filter((name) => !isSecretVariable(name))).toEqual([]);
    // A type that keeps its value out of messages has a secret value.
    const hidden = SERVICE_VARIABLES.filter((name) => VARIABLES[name]?.type.isSecret === true);
    expect(CONFIG.filter((name) => hidden.includes(name))).toEqual([]);
  });

  it('are valid by the schema, also when everything is switched on', () => {
    const validate = new Ajv({ allowUnionTypes: true, strictTuples: false }).compile(SCHEMA);

    for (const values of [DEFAULTS, EVERYTHING]) {
      validate(values);
      expect(validate.errors).toBeNull();
    }
  });

  it('set variables to values that the service accepts', () => {
    for (const { config } of [DEFAULTS, EVERYTHING])
      for (const [name, value] of Object.entries(config))
        expect({ name, problems: VARIABLES[name]?.type.read(String(value)).problems }).toEqual({
          name,
          problems: [],
        });
  });

  it('name what the service requires in production', () => {
    const required = SERVICE_VARIABLES.filter((name) => VARIABLES[name]?.isRequiredInProduction === true);
    const { config, secrets } = DEFAULTS;

    expect(Object.keys({ ...config, ...secrets.keys })).toEqual(expect.arrayContaining(required));
  });
});

describe('the Helm chart', () => {
  it('has the version of the service', () => {
    const { version } = JSON.parse(readProjectFile('package.json')) as { readonly version: string };

    expect(load(readProjectFile(`${CHART}/Chart.yaml`))).toMatchObject({ version, appVersion: version });
  });

  it('ends a pod no sooner than the drain needs', () => {
    const [, drainMs = ''] =
      /SHUTDOWN_TIMEOUT_MS = ([\d_]+);/.exec(readProjectFile('src/lifecycle.ts')) ?? [];

    expect(SECONDS_AFTER_GRACE).toBe(Number(drainMs.replaceAll('_', '')) / 1000 + 10);
    expect(readProjectFile(`${CHART}/templates/deployment.yaml`)).toContain(
      `add .Values.shutdownGraceSeconds ${SECONDS_AFTER_GRACE}`,
    );
  });
});

describe('the rules of the chart', () => {
  const labels = { 'app.kubernetes.io/component': 'service' };
  const container = (env: object[]) => ({
    command: ['node', '--max-old-space-size=512', 'dist/src/main.js'],
    env: [{ name: 'SHUTDOWN_GRACE_SECONDS', value: '5' }, ...env],
    securityContext: { readOnlyRootFilesystem: true },
    resources: { limits: { memory: '1Gi' } },
    readinessProbe: { httpGet: { path: '/health/ready' } },
    livenessProbe: { httpGet: { path: '/health/live' } },
  });
  const deployment = (env: object[] = [], pod: object = {}) =>
    ({
      kind: 'Deployment',
      metadata: { name: 'service' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 30,
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true },
            containers: [container(env)],
            ...pod,
          },
        },
      },
    }) as Manifest;

  it('accept a sound deployment', () => {
    expect(chartProblems([deployment()])).toEqual([]);
  });

  it('accept a secret as a file of a Secret', () => {
    const volumes = [{ name: 'secrets', secret: { items: [{ path: 'jwt' }] } }];
    const sound = container([{ name: 'JWT_SECRET_FILE', value: '/etc/secrets/jwt' }]);
    const volumeMounts = [{ name: 'secrets', mountPath: '/etc/secrets' }];

    expect(chartProblems([deployment([], { volumes, containers: [{ ...sound, volumeMounts }] })])).toEqual(
      [],
    );
  });

  it.each([
    ['a secret in plain text', [{ name: 'JWT_SECRET', value: 'x' }], {}, 'JWT_SECRET does not come'],
    [
      'a file that no Secret holds',
      [{ name: 'JWT_SECRET_FILE', value: '/etc/jwt' }],
      {},
      'JWT_SECRET_FILE names no file',
    ],
    ['a variable that nobody reads', [{ name: 'REDIS_HOTS', value: 'x' }], {}, 'no variable REDIS_HOTS'],
    [
      'a number in exponents',
      [{ name: 'RATE_LIMIT_PER_ADDRESS', value: '5e+9' }],
      {},
      'RATE_LIMIT_PER_ADDRESS',
    ],
    ['a pod that is killed early', [], { terminationGracePeriodSeconds: 29 }, 'must have 30 s'],
    ['a pod of root', [], { securityContext: {} }, 'may run as root'],
    ['a token of the cluster', [], { automountServiceAccountToken: true }, 'token of the cluster'],
  ])('find %s', (_, env, pod, problem) => {
    expect(chartProblems([deployment(env, pod)])).toEqual([expect.stringContaining(problem)]);
  });

  it('find a selector that also takes the pods of the migration', () => {
    const service = { kind: 'Service', metadata: { name: 's' }, spec: { selector: {} } } as Manifest;

    expect(chartProblems([deployment(), service])).toEqual([
      expect.stringContaining('Service: its selector'),
    ]);
  });

  it('find a migration that runs beside the service', () => {
    const job = { kind: 'Job', metadata: { name: 'm' }, spec: {} } as Manifest;

    expect(chartProblems([deployment(), job])).toEqual([expect.stringContaining('before the service')]);
  });

  it('find a migration that does not get a certificate of the service', () => {
    const volumes = [{ name: 'postgres-ca', secret: {} }];
    const volumeMounts = [{ name: 'postgres-ca', mountPath: '/etc/postgres' }];
    const service = deployment([], { volumes, containers: [{ ...container([]), volumeMounts }] });
    const job = {
      ...service,
      kind: 'Job',
      metadata: { name: 'm', annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' } },
    };
    const without = { ...deployment(), kind: 'Job', metadata: job.metadata };

    expect(chartProblems([service, job])).not.toContain('Job: does not mount the certificate postgres-ca');
    expect(chartProblems([service, without])).toContain('Job: does not mount the certificate postgres-ca');
  });

  describe('about the start of the service', () => {
    const fromSecret = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: 's', key: name } } });
    const production = [
      { name: 'NODE_ENV', value: 'production' },
      { name: 'KAFKA_BROKERS', value: 'kafka:9092' },
      fromSecret('DATABASE_URL'),
    ];
    const sentinels = { name: 'REDIS_SENTINELS', value: 'a,b' };

    it('accept what the configuration accepts', () => {
      const env = [...production, sentinels, { name: 'JWT_SECRET_FILE', value: '/etc/secrets/jwt' }];

      expect(startProblems([deployment(env)])).toEqual([]);
    });

    it.each([
      [
        'variables that exclude each other',
        [fromSecret('JWT_SECRET'), sentinels, { name: 'REDIS_HOST', value: 'redis' }],
      ],
      ['a missing variable', [sentinels]],
    ])('find %s', (_, env) => {
      expect(startProblems([deployment([...production, ...env])])).toEqual([
        expect.stringContaining('the service does not start: '),
      ]);
    });
  });

  describe('about memory', () => {
    const withLimits = (limits: object, workers?: string) =>
      deployment([], {
        containers: [
          {
            ...container(workers === undefined ? [] : [{ name: 'WORKERS', value: workers }]),
            resources: { limits },
          },
        ],
      });

    it.each([
      ['one process', { memory: '768Mi' }, undefined],
      ['two workers', { memory: '1664Mi' }, '2'],
      ['a worker for each core', { memory: '2G', cpu: '1500m' }, 'auto'],
    ])('accept enough for %s', (_, limits, workers) => {
      expect(chartProblems([withLimits(limits, workers)])).toEqual([]);
    });

    it.each([
      ['a limit below one heap and its buffers', { memory: '767Mi' }, undefined, 'need 768 MiB'],
      ['a limit for fewer workers', { memory: '1Gi' }, '2', '2 × 512 MiB of heap and the rest need 1664 MiB'],
      ['a limit for fewer cores', { memory: '2Gi', cpu: 4 }, 'auto', 'need 3200 MiB'],
      ['as many workers as the node has cores', { memory: '2Gi' }, 'auto', 'without a CPU limit'],
      ['a limit that cannot be read', { memory: 'much' }, undefined, 'the limit is much'],
    ])('find %s', (_, limits, workers, problem) => {
      expect(chartProblems([withLimits(limits, workers)])).toEqual([expect.stringContaining(problem)]);
    });

    it('find a heap without a bound', () => {
      const unbound = { ...container([]), command: ['node', 'dist/src/main.js'] };

      expect(chartProblems([deployment([], { containers: [unbound] })])).toEqual([
        expect.stringContaining('heap has no bound'),
      ]);
    });
  });

  describe('about the network', () => {
    const policy = (component: string, ports: number[], weight?: string) =>
      ({
        kind: 'NetworkPolicy',
        metadata: {
          name: component,
          annotations:
            weight === undefined
              ? {}
              : { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': weight },
        },
        spec: {
          podSelector: { matchLabels: { 'app.kubernetes.io/component': component } },
          egress: [{ ports: ports.map((port) => ({ port })) }],
        },
      }) as Manifest;
    const job = {
      kind: 'Job',
      metadata: { name: 'm', annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' } },
      spec: {
        template: {
          metadata: { labels: { 'app.kubernetes.io/component': 'migration' } },
          spec: { ...deployment().spec.template?.spec },
        },
      },
    } as Manifest;

    it.each([
      ['Redis', [{ name: 'REDIS_HOST', value: 'redis' }], [6379]],
      ['Redis elsewhere', [{ name: 'REDIS_HOST', value: 'a:7000,b:7001' }], [7000, 7001]],
      [
        'Redis by its port',
        [
          { name: 'REDIS_HOST', value: 'redis' },
          { name: 'REDIS_PORT', value: '6380' },
        ],
        [6380],
      ],
      [
        'Sentinels and the server',
        [{ name: 'REDIS_SENTINELS', value: 's1,s2:26380' }],
        [26_379, 26_380, 6379],
      ],
      ['Kafka', [{ name: 'KAFKA_BROKERS', value: 'kafka:9093' }], [9093]],
      ['traces', [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel:4318' }], [4318]],
      ['traces over TLS', [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'https://otel' }], [443]],
    ])('find each port of %s that is shut', (_, env, ports) => {
      const service = deployment(env);

      expect(chartProblems([service, policy('service', [5432, ...ports])])).toEqual([]);
      for (const shut of ports)
        expect(
          chartProblems([service, policy('service', [5432, ...ports.filter((port) => port !== shut)])]),
        ).toEqual([expect.stringContaining(`no policy opens port ${shut} of`)]);
    });

    it('find a migration that no policy lets out, or that comes before its policy', () => {
      const service = [deployment(), policy('service', [5432])];

      expect(chartProblems([...service, job])).toEqual(['Job: no policy lets it reach a store']);
      expect(chartProblems([...service, job, policy('migration', [5432], '-1')])).toEqual([]);
      for (const weight of [undefined, '0'])
        expect(chartProblems([...service, job, policy('migration', [5432], weight)])).toEqual([
          'Job: its policy does not come before it',
        ]);
    });
  });
});

it.each([
  ['go version go1.23.9 linux/amd64', false],
  ['go version go1.24 linux/amd64', true],
  ['go version go2.0.1 linux/amd64', true],
  ['', false],
])('%s is a Go for the chart: %s', (version, isEnough) => {
  expect(isNewEnough(version)).toBe(isEnough);
});

it('tells modules that do not come from modules that are wrong', () => {
  expect(isUnreachable('helm.sh/helm/v3: dial tcp: lookup proxy: no such host')).toBe(true);
  expect(isUnreachable('verifying module: checksum mismatch')).toBe(false);
});
