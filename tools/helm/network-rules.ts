import { DEFAULT_REDIS_PORT, DEFAULT_SENTINEL_PORT, parseAddresses } from '../../src/config/addresses.js';
import { plainEnvironment, type Manifest } from './manifest.js';

const KAFKA_PORT = 9092;
/** Ports of URLs that name none. */
const BY_PROTOCOL: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Finds pods that their policies keep from what they use. Without any policy there is nothing to find. */
export function networkProblems(manifests: readonly Manifest[]): string[] {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  if (policies.length === 0) return [];
  return manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .flatMap((manifest) => egressProblems(manifest, policies));
}

function egressProblems(manifest: Manifest, policies: readonly Manifest[]): string[] {
  const { kind, spec } = manifest;
  const own = policies.filter((policy) => selects(policy, manifest));
  if (own.length === 0) return [`${kind}: no policy lets it reach a store`];
  const open = new Set(
    own.flatMap((policy) =>
      (policy.spec.egress ?? []).flatMap(({ ports = [] }) => ports.map(({ port }) => port)),
    ),
  );
  const shut = (spec.template?.spec.containers ?? [])
    .flatMap((container) => portsOf(plainEnvironment(container)))
    .filter(({ port }) => !open.has(port));
  return [
    ...(kind === 'Job' ? own.filter((policy) => !precedes(policy, manifest)) : []).map(
      () => `${kind}: its policy does not come before it`,
    ),
    ...shut.map(({ variable, port }) => `${kind}: no policy opens port ${port} of ${variable}`),
  ];
}

function selects({ spec }: Manifest, { spec: { template } }: Manifest): boolean {
  const labels = template?.metadata.labels ?? {};
  return Object.entries(spec.podSelector?.matchLabels ?? {}).every(
    ([label, value]) => labels[label] === value,
  );
}

/** A hook waits for no resource that is no hook. */
function precedes(policy: Manifest, job: Manifest): boolean {
  const [first, second] = [policy, job].map(({ metadata: { annotations = {} } }) => ({
    hook: annotations['helm.sh/hook'],
    weight: Number(annotations['helm.sh/hook-weight'] ?? 0),
  }));
  return (
    first !== undefined && second !== undefined && first.hook === second.hook && first.weight < second.weight
  );
}

/** Returns the ports that variables name, or leave to their defaults. That of the database is in a Secret. */
function portsOf(
  env: Readonly<Record<string, string>>,
): { readonly variable: string; readonly port: number }[] {
  const ofHosts = (variable: string, defaultPort: number) =>
    (parseAddresses(env[variable] ?? '', defaultPort) ?? []).map(({ port }) => ({ variable, port }));
  const redisPort = Number(env['REDIS_PORT'] ?? DEFAULT_REDIS_PORT);
  return [
    ...ofHosts('REDIS_HOST', redisPort),
    ...ofHosts('REDIS_SENTINELS', DEFAULT_SENTINEL_PORT),
    // The server that Sentinels name.
    ...(env['REDIS_SENTINELS'] === undefined ? [] : [{ variable: 'REDIS_PORT', port: redisPort }]),
    ...ofHosts('KAFKA_BROKERS', KAFKA_PORT),
    ...ENDPOINTS.flatMap((variable) => {
      const url = env[variable];
      if (url === undefined || !URL.canParse(url)) return [];
      const { port, protocol } = new URL(url);
      return [{ variable, port: port === '' ? (BY_PROTOCOL[protocol] ?? 0) : Number(port) }];
    }),
  ];
}
