import { splitList } from './split-list.js';
import type { Environment } from './variables/catalogue.js';

export interface HttpConfig {
  /** Addresses and networks whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  /** Web origins that browsers may call from; an empty list sends no CORS header. */
  readonly corsOrigins: readonly string[];
  /** Requests a minute; null means no limit. */
  readonly limits: { readonly perAddress: number | null; readonly perInstall: number | null };
  /** Streams of live figures in one process; null means no limit for an address. */
  readonly live: {
    readonly maxWatchers: number;
    readonly maxWatchersPerAddress: number | null;
    readonly streamSeconds: number;
  };
  /** Logs each request. */
  readonly accessLog: boolean;
  /** Serves the page at `/dashboard`. */
  readonly dashboard: boolean;
  /** Shows `/internal` in the API docs. */
  readonly docsShowInternal: boolean;
}

export function httpConfig(env: Environment): HttpConfig {
  return {
    trustedProxies: splitList(env.TRUSTED_PROXIES),
    corsOrigins: splitList(env.CORS_ORIGINS),
    limits: {
      perAddress: env.RATE_LIMIT_PER_ADDRESS || null,
      perInstall: env.RATE_LIMIT_PER_INSTALL || null,
    },
    live: {
      maxWatchers: env.LIVE_MAX_WATCHERS,
      maxWatchersPerAddress: env.LIVE_MAX_WATCHERS_PER_ADDRESS || null,
      streamSeconds: env.LIVE_STREAM_SECONDS,
    },
    accessLog: env.ACCESS_LOG,
    dashboard: env.DASHBOARD,
    docsShowInternal: env.API_DOCS_INTERNAL,
  };
}
