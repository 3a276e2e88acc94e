/** Checks one dependency. */
export interface HealthProbe {
  readonly dependency: string;
  /** True when the service is useless without this dependency. */
  readonly essential: boolean;
  /** Rejects within a bounded time when the dependency is unavailable. */
  readonly check: () => Promise<unknown>;
}

export const HEALTH_PROBES = Symbol('HealthProbe[]');
