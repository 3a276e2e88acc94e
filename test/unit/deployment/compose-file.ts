import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { COMPOSE } from './deployment-files.js';

export interface ComposeService {
  readonly image?: string;
  readonly profiles?: readonly string[];
  readonly build?: { readonly context: string; readonly target?: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly secrets?: readonly string[];
  readonly cpus?: number;
  readonly mem_limit?: string;
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
export interface ComposeFile {
  readonly services: Readonly<
    Record<
      | 'postgres'
      | 'redis'
      | 'kafka'
      | 'migrate'
      | 'service'
      | 'demo'
      | 'prometheus'
      | 'alertmanager'
      | 'grafana',
      ComposeService
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** Replaces `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` as docker compose does. */
function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name?: string, kind?: string, rest?: string) => {
      if (name === undefined) return '$';
      const value = environment[name] ?? '';
      if (value !== '' || kind === undefined) return value;
      if (kind === '-') return rest ?? '';
      throw new Error(`${name}: ${rest ?? ''}`);
    },
  );
}

/**
 * Reads docker-compose.yml as docker compose does: the YAML first, then the variables in each string.
 *
 * @throws Error naming a required variable that has no value
 */
export function readComposeFile(environment: Readonly<Record<string, string>> = {}): ComposeFile {
  const interpolateAll = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, environment);
    if (Array.isArray(value)) return value.map(interpolateAll);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, interpolateAll(inner)]));
  };
  return interpolateAll(load(COMPOSE, { schema: CORE_SCHEMA.withTags(mergeTag) })) as ComposeFile;
}
