/** Asks one dependency whether it is there. */
export interface HealthProbe {
  readonly dependency: string;
  /** Whether the service can do nothing of use without it. */
  readonly essential: boolean;
  /** Rejects when the dependency is away; bounded in time. */
  readonly check: () => Promise<unknown>;
}

export const HEALTH_PROBES = Symbol('HealthProbe[]');
