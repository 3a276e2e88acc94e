import { SECRET_VARIABLES, VARIABLES } from '../../src/config/variables/catalogue.js';
import type { Container, EnvironmentEntry, Manifest, PodSpec } from './manifest.js';
import { memoryProblems } from './memory-rules.js';
import { networkProblems } from './network-rules.js';

/** Seconds that the drain takes at most, and those before SIGKILL: see `src/lifecycle.ts` and docs/operations.md. */
export const SECONDS_AFTER_GRACE = 25;

/** True for variables whose values must come from a Secret. */
export function isSecretVariable(name: string): boolean {
  return SECRET_VARIABLES.has(name);
}

/** Finds what the service or its operators cannot do with; each problem is one line. */
export function chartProblems(manifests: readonly Manifest[]): string[] {
  const deployment = manifests.find(({ kind }) => kind === 'Deployment');
  if (deployment === undefined) return ['there is no Deployment'];
  return [
    ...manifests.filter(({ kind }) => kind === 'Secret').map(() => 'the chart creates a Secret'),
    ...manifests.flatMap((manifest) => podProblems(manifest)),
    ...graceProblems(deployment),
    ...memoryProblems(deployment),
    ...networkProblems(manifests),
    ...selectorProblems(deployment, manifests),
    ...manifests.filter(({ kind }) => kind === 'Job').flatMap(hookProblems),
    ...manifests.filter(({ kind }) => kind === 'Job').flatMap((job) => certificateProblems(deployment, job)),
  ];
}

function podProblems({ kind, spec }: Manifest): string[] {
  const pod = spec.template?.spec;
  if (pod === undefined) return [];
  return [
    ...(pod.securityContext?.runAsNonRoot === true ? [] : [`${kind}: may run as root`]),
    ...(pod.automountServiceAccountToken === false ? [] : [`${kind}: has a token of the cluster`]),
    ...pod.containers.flatMap((container) => [
      ...(container.securityContext?.['readOnlyRootFilesystem'] === true ? [] : [`${kind}: may write files`]),
      ...(container.resources?.limits?.memory === undefined ? [`${kind}: has no memory limit`] : []),
      ...container.env.flatMap((entry) => environmentProblems(kind, entry, filesOf(pod, container))),
    ]),
  ];
}

/** Returns the paths of the files that a container gets from Secrets. */
function filesOf({ volumes = [] }: PodSpec, { volumeMounts = [] }: Container): string[] {
  return volumeMounts.flatMap(({ name, mountPath }) =>
    (volumes.find((volume) => volume.name === name)?.secret?.items ?? []).map(
      ({ path }) => `${mountPath}/${path}`,
    ),
  );
}

function environmentProblems(
  kind: string,
  { name, value, valueFrom }: EnvironmentEntry,
  files: readonly string[],
): string[] {
  if (SECRET_VARIABLES.has(name.replace(/_FILE$/, '')) && name.endsWith('_FILE'))
    return files.includes(String(value)) ? [] : [`${kind}: ${name} names no file of a Secret`];
  if (!(name in VARIABLES)) return [`${kind}: the service has no variable ${name}`];
  const problem = isSecretVariable(name)
    ? valueFrom?.secretKeyRef?.key === undefined && `${name} does not come from a Secret`
    : typeof value !== 'string' && `${name} is not a text`;
  // Numbers above a million are printed as 1e+06 by a template that does not convert them.
  const unread = typeof value === 'string' ? VARIABLES[name]?.type.read(value).problems : [];
  return [
    ...(problem === false ? [] : [`${kind}: ${problem}`]),
    ...(unread ?? []).map((rule) => `${kind}: ${name} ${rule}`),
  ];
}

/** A job connects to the same servers, and so needs the files of the same authorities. */
function certificateProblems(deployment: Manifest, job: Manifest): string[] {
  const namesOf = ({ spec }: Manifest): string[] => {
    const { volumes = [], containers } = spec.template?.spec ?? { containers: [] };
    const mounted = new Set(
      containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)),
    );
    return volumes
      .filter(({ name, secret }) => secret !== undefined && secret.items === undefined && mounted.has(name))
      .map(({ name }) => name);
  };
  const known = namesOf(job);
  return namesOf(deployment)
    .filter((name) => !known.includes(name))
    .map((name) => `Job: does not mount the certificate ${name}`);
}

function graceProblems({ spec }: Manifest): string[] {
  const pod = spec.template?.spec;
  const grace = pod?.containers[0]?.env.find(({ name }) => name === 'SHUTDOWN_GRACE_SECONDS')?.value;
  const needed = Number(grace) + SECONDS_AFTER_GRACE;
  return [
    ...(pod?.terminationGracePeriodSeconds === needed ? [] : [`the pod must have ${needed} s to end`]),
    ...(pod?.containers[0]?.readinessProbe?.httpGet?.path === '/health/ready' ? [] : ['no readiness probe']),
    ...(pod?.containers[0]?.livenessProbe?.httpGet?.path === '/health/live' ? [] : ['no liveness probe']),
  ];
}

/** Checks that each selector finds the pods of the service, and not those of the migration. */
function selectorProblems(deployment: Manifest, manifests: readonly Manifest[]): string[] {
  const labels = deployment.spec.template?.metadata.labels ?? {};
  return manifests.flatMap(({ kind, spec }) => {
    if (spec.selector === undefined || kind === 'ServiceMonitor') return [];
    const selector = spec.selector as Readonly<Record<string, string>> & { readonly matchLabels?: object };
    const wanted = Object.entries(selector.matchLabels ?? selector);
    const isMet = wanted.every(([label, value]) => labels[label] === value);
    const isNarrow = wanted.some(([label]) => label === 'app.kubernetes.io/component');
    return isMet && isNarrow ? [] : [`${kind}: its selector is not that of the service's pods`];
  });
}

function hookProblems({ metadata }: Manifest): string[] {
  const hook = metadata.annotations?.['helm.sh/hook'];
  return hook === 'pre-install,pre-upgrade' ? [] : ['the migration does not run before the service'];
}
