import { setImmediate } from 'node:timers/promises';

/**
 * Groups calls: one call of the work is in flight, and callers that arrive meanwhile share the next one.
 * A failure rejects the waiting callers too, so a caller waits for two calls at most; see docs/adr/0010.
 */
export class GroupedCalls<Argument, Result> {
  private next: { readonly args: Argument[]; readonly result: Promise<Result> } | null = null;
  private lastCall: Promise<unknown> = Promise.resolve();

  /** @param work ends within a time limit; gets the arguments of all callers that share the call */
  constructor(private readonly work: (args: readonly Argument[]) => Promise<Result>) {}

  /** Returns a result that is never older than this call. @throws the error of the work */
  call(argument: Argument): Promise<Result> {
    if (this.next === null) {
      const args: Argument[] = [];
      const result = this.startAfter(this.lastCall, args);
      this.lastCall = result;
      result.catch(() => {
        // Later callers try again instead of meeting this failure.
        if (this.lastCall === result) this.lastCall = Promise.resolve();
      });
      this.next = { args, result };
    }
    this.next.args.push(argument);
    return this.next.result;
  }

  private async startAfter(previous: Promise<unknown>, args: readonly Argument[]): Promise<Result> {
    try {
      await previous;
      // Callers of one turn of the event loop share the call.
      await setImmediate();
    } finally {
      this.next = null;
    }
    return this.work(args);
  }
}
