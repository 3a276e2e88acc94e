import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { HEALTH_PROBES, type HealthProbe } from '../../ports/health-probe.port.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { GetReadinessQuery, type Readiness } from './get-readiness.query.js';

const PROBE_TIMEOUT_MS = 1500;

@QueryHandler(GetReadinessQuery)
export class GetReadinessHandler implements IQueryHandler<GetReadinessQuery> {
  constructor(@Inject(HEALTH_PROBES) private readonly probes: readonly HealthProbe[]) {}

  async execute(): Promise<Readiness> {
    const up = await Promise.all(this.probes.map(isUp));
    const missing = this.probes.filter((_, index) => up[index] !== true);
    return {
      status:
        missing.length === 0 ? 'ok' : missing.some(({ essential }) => essential) ? 'unavailable' : 'degraded',
      dependencies: Object.fromEntries(
        this.probes.map(({ dependency }, index) => [dependency, up[index] === true ? 'up' : 'down']),
      ),
    };
  }
}

async function isUp(probe: HealthProbe): Promise<boolean> {
  try {
    return await endsWithin(probe.check(), PROBE_TIMEOUT_MS);
  } catch {
    // An outage is a result here; the adapters log its cause.
    return false;
  }
}
