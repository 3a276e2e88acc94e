import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from '../rules/traceparent.rule.js';

/** Names the request, message or job that the running code works for. */
export interface WorkContext {
  readonly requestId: string | null;
  readonly trace: TraceContext | null;
  /** True once the work has ended: a connection or timer that it opened lives on without being part of it. */
  isOver: boolean;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** An earlier version makes each promise of the process dearer once a context is used: docs/adr/0029. */
const CHEAP_SINCE_NODE = 24;
export const isContextCheap = Number(process.versions.node.split('.')[0]) >= CHEAP_SINCE_NODE;

/** Runs the work, and everything that it starts, in a context. */
export function runInContext<T>(context: WorkContext, work: () => T): T {
  return storage.run(context, work);
}

/** Runs work that has a context of its own, which ends with it. */
export async function runWork<T>(
  { requestId, trace }: Pick<WorkContext, 'requestId' | 'trace'>,
  work: () => Promise<T>,
): Promise<T> {
  const context: WorkContext = { requestId, trace, isOver: false };
  try {
    return await runInContext(context, work);
  } finally {
    context.isOver = true;
  }
}

/** Returns the context of the running code; null outside of one and when its work has ended. */
export function currentContext(): WorkContext | null {
  const context = storage.getStore();
  return context === undefined || context.isOver ? null : context;
}

/** Returns a function that tells whether the work of the running code has ended; false for ever outside of any. */
export function watchCurrentWork(): () => boolean {
  const context = storage.getStore();
  return () => context?.isOver === true;
}

/** Returns the trace that the running code is a part of. */
export function currentTrace(): TraceContext | null {
  return currentContext()?.trace ?? null;
}
