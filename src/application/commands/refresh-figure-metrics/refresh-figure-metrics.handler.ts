import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isServiceException } from '../../../shared/exceptions/service-exception.js';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { FigureReadings } from '../../services/figure-readings.service.js';
import { RefreshFigureMetricsCommand } from './refresh-figure-metrics.command.js';

/**
 * One replica at a time counts, by the queries of the API and one after the other: it takes one connection for requests.
 * A figure that cannot be counted becomes NaN when its last value is too old, and the others go on.
 */
@CommandHandler(RefreshFigureMetricsCommand)
export class RefreshFigureMetricsHandler implements ICommandHandler<RefreshFigureMetricsCommand> {
  constructor(
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    private readonly readings: FigureReadings,
  ) {}

  /** @throws AggregateError when figures could not be counted */
  async execute(): Promise<void> {
    await this.lock.runExclusively('figure-metrics', async () => {
      const failures: unknown[] = [];
      for (const read of this.readings.list()) {
        try {
          await read();
        } catch (error) {
          if (isServiceException(error) && error.code === 'database_unavailable') throw error;
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
    });
  }
}
