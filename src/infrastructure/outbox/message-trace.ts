import type { EventPayload } from '../../domain/events/domain-event.js';
import { formatTraceparent, type TraceContext } from '../../shared/rules/traceparent.rule.js';

/** Name in a stored payload that no event uses; docs/adr/0029 says why it has no column. */
const TRACE_KEY = '$traceparent';

/** Returns the payload as the outbox stores it: with the trace that it is a part of, if any. */
export function toStoredPayload(payload: EventPayload, trace: TraceContext | null): EventPayload {
  return trace === null ? payload : { ...payload, [TRACE_KEY]: formatTraceparent(trace) };
}

/** Splits a stored payload into what subscribers get and its trace. */
export function fromStoredPayload(stored: EventPayload): {
  readonly payload: EventPayload;
  readonly traceparent?: string;
} {
  if (!(TRACE_KEY in stored)) return { payload: stored };
  const { [TRACE_KEY]: traceparent, ...payload } = stored;
  return { payload, ...(typeof traceparent === 'string' && { traceparent }) };
}
