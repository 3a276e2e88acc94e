import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK_CHECK, type IClockCheck } from '../../ports/clock-check.port.js';
import { HEALTH_PROBES, type HealthProbe } from '../../ports/health-probe.port.js';
import { dependencyUp } from '../../../shared/metrics/state-metrics.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { DependencyHistory } from '../../services/dependency-history.service.js';
import { SHUTDOWN_NOTICE, type IShutdownNotice } from '../../ports/shutdown-notice.port.js';
import { GetReadinessQuery, type Readiness } from './get-readiness.query.js';

const PROBE_TIMEOUT_MS = 1500;

@QueryHandler(GetReadinessQuery)
export class GetReadinessHandler implements IQueryHandler<GetReadinessQuery> {
  private running: Promise<Readiness> | null = null;

  constructor(
    @Inject(HEALTH_PROBES) private readonly probes: readonly HealthProbe[],
    @Inject(SHUTDOWN_NOTICE) private readonly shutdown: IShutdownNotice,
    @Inject(CLOCK_CHECK) private readonly clock: IClockCheck,
    private readonly history: DependencyHistory,
  ) {
    for (const { dependency } of probes) dependencyUp.announce(dependency);
  }

  /** Shares one run of the probes among the callers of a moment, however many they are. */
  async execute(): Promise<Readiness> {
    this.running ??= this.probe().finally(() => (this.running = null));
    return this.running;
  }

  private async probe(): Promise<Readiness> {
    const up = await Promise.all(this.probes.map(isUp));
    for (const [index, { dependency }] of this.probes.entries()) {
      dependencyUp.set(up[index] === true ? 1 : 0, { of: dependency });
      this.history.note(dependency, up[index] === true);
    }
    const missing = this.probes.filter((_, index) => up[index] !== true);
    return {
      status: this.shutdown.isAnnounced ? 'shutting_down' : statusOf(missing, this.clock.isOff),
      dependencies: Object.fromEntries(
        this.probes.map(({ dependency }, index) => [dependency, up[index] === true ? 'up' : 'down']),
      ),
      clock: this.clock.isOff ? 'off' : 'ok',
    };
  }
}

function statusOf(missing: readonly HealthProbe[], isClockOff: boolean): Readiness['status'] {
  if (missing.length === 0) return isClockOff ? 'degraded' : 'ok';
  return missing.some(({ essential }) => essential) ? 'unavailable' : 'degraded';
}

async function isUp(probe: HealthProbe): Promise<boolean> {
  try {
    return await endsWithin(probe.check(), PROBE_TIMEOUT_MS);
  } catch {
    // An outage is a result here; the adapters log its cause.
    return false;
  }
}
