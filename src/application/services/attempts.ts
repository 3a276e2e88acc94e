import { isServiceException, isUnavailableException } from '../../shared/exceptions/service-exception.js';

/**
 * Runs steps one after the other. One that fails, or that takes the database too long, does not block the others for
 * ever, but nothing goes on while a dependency is unavailable or the builds, which all steps wait for, are busy.
 */
export class Attempts {
  private readonly failures: unknown[] = [];

  /** @param isOver true when no further step may begin */
  constructor(private readonly isOver: () => boolean = () => false) {}

  /** @throws the error of the step when the others would fail by it too */
  async run(step: () => Promise<unknown>): Promise<void> {
    if (this.isOver()) return;
    try {
      await step();
    } catch (error) {
      if (endsAll(error)) throw error;
      this.failures.push(error);
    }
  }

  /** @throws AggregateError when a step failed */
  end(): void {
    const { failures } = this;
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}

function endsAll(error: unknown): boolean {
  if (isServiceException(error) && error.code === 'builds_busy') return true;
  return isUnavailableException(error) && error.code !== 'database_too_slow';
}
