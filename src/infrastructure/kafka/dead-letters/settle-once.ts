/** Promise that several places may settle; the first one wins. */
export class SettleOnce<T> {
  readonly promise: Promise<T>;
  private settled = false;
  private resolvePromise: (value: T) => void = () => undefined;
  private rejectPromise: (error: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolvePromise = resolve;
      this.rejectPromise = reject;
    });
    // A rejection before the first await must not end the process.
    this.promise.catch(() => undefined);
  }

  isSettled(): boolean {
    return this.settled;
  }

  resolve(value: T): void {
    this.settled = true;
    this.resolvePromise(value);
  }

  reject(error: unknown): void {
    this.settled = true;
    this.rejectPromise(error);
  }
}
