import { BlockList, isIP } from 'node:net';
import type { Environment } from './environment.js';

export interface HttpConfig {
  /** Addresses and networks whose `X-Forwarded-For` is believed; of anybody else it is ignored. */
  readonly trustedProxies: readonly string[];
  /** Web origins that browsers may call from; empty: none, and no CORS header is ever sent. */
  readonly corsOrigins: readonly string[];
  /** Requests a minute; null: as many as they like. */
  readonly limits: { readonly perAddress: number | null; readonly perInstall: number | null };
  /** Whether the API docs show `/internal`. */
  readonly docsShowInternal: boolean;
}

/** A carrier puts thousands of phones behind one address. */
const DEFAULT_PER_ADDRESS = 6000;
/** A heartbeat a minute, and batches. */
const DEFAULT_PER_INSTALL = 120;

export function httpConfig(env: Environment): HttpConfig {
  const isProduction = env.NODE_ENV === 'production';
  // On a laptop one address is everybody.
  const limit = (given: number | undefined, byDefault: number): number | null =>
    (given ?? (isProduction ? byDefault : 0)) || null;
  return {
    trustedProxies: list(env.TRUSTED_PROXIES),
    corsOrigins: list(env.CORS_ORIGINS),
    limits: {
      perAddress: limit(env.RATE_LIMIT_PER_ADDRESS, DEFAULT_PER_ADDRESS),
      perInstall: limit(env.RATE_LIMIT_PER_INSTALL, DEFAULT_PER_INSTALL),
    },
    docsShowInternal: env.API_DOCS_INTERNAL,
  };
}

/** What the checks of single variables cannot see. */
export function httpProblems(env: Environment): string[] {
  const problems: string[] = [];
  if (!list(env.TRUSTED_PROXIES).every(isNetwork)) {
    problems.push(
      'TRUSTED_PROXIES must be IP addresses and networks such as 10.0.0.0/8, with commas between',
    );
  }
  if (!list(env.CORS_ORIGINS).every(isOrigin)) {
    problems.push('CORS_ORIGINS must be origins such as https://admin.example.com, with commas between');
  }
  return problems;
}

export function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** One that holds every address would believe everybody. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) === 0) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false; // a prefix longer than the address
  }
}

/** A wildcard would let every page on the web read business figures with its visitor's token. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}
