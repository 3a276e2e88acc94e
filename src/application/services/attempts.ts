import { isUnavailableException } from '../../shared/exceptions/service-exception.js';

/**
 * Runs steps one after the other. One that fails, or that takes the database too long, does not block the others for
 * ever, but nothing goes on while a dependency is unavailable.
 */
export class Attempts {
  private readonly failures: unknown[] = [];

  /** @throws the error of the step when a dependency is unavailable */
  async run(step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (isUnavailableException(error) && error.code !== 'database_too_slow') throw error;
      this.failures.push(error);
    }
  }

  /** @throws AggregateError when a step failed */
  end(): void {
    const { failures } = this;
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}
