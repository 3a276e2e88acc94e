import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { currentTrace } from '../../../shared/context/work-context.js';
import type { TraceContext } from '../../../shared/rules/traceparent.rule.js';

/** Traces of events that wait for their flush, which serves many requests at once. */
const traces = new WeakMap<EventLog, TraceContext>();

/** Remembers that the events are part of the trace of the running code, if there is one. */
export function noteTrace(events: readonly EventLog[]): void {
  const trace = currentTrace();
  if (trace === null) return;
  for (const event of events) traces.set(event, trace);
}

export function traceOf(event: EventLog): TraceContext | null {
  return traces.get(event) ?? null;
}

/** Lets a changed copy of an event be part of the same trace. */
export function copyTrace(from: EventLog, to: EventLog): EventLog {
  const trace = traces.get(from);
  if (trace !== undefined) traces.set(to, trace);
  return to;
}
