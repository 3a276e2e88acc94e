/**
 * Ends a run that does not end by itself, as failed: something that a test started was left open.
 * The limit covers the global teardown, which comes after the last test.
 */
export default class ExitReporter {
  /** @param {{ limitSeconds: number }} options */
  constructor(globalConfig, { limitSeconds }) {
    this.watches = globalConfig.watch || globalConfig.watchAll;
    this.limitSeconds = limitSeconds;
  }

  onRunComplete() {
    if (this.watches) return;
    const timer = setTimeout(() => {
      const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
      console.error(
        `The tests are over, but Jest still runs after ${this.limitSeconds} s: a test left something open (${open}). ` +
          'Close it in afterAll, also when beforeAll has failed.',
      );
      process.exit(1);
    }, this.limitSeconds * 1000);
    timer.unref();
  }
}
