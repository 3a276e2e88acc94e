import { describe, expect, it } from '@jest/globals';

import {
  NO_TRACER,
  type ITracer,
  type SpanOptions,
} from '../../../../../src/application/ports/tracer.port.js';
import type { InboundMessage } from '../../../../../src/application/ports/event-consumer.port.js';
import { continueTraces } from '../../../../../src/infrastructure/kafka/consumer/continue-traces.js';
import { currentTrace } from '../../../../../src/shared/context/work-context.js';
import type { TraceContext } from '../../../../../src/shared/rules/traceparent.rule.js';

const TRACE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };

function messageOf(traceparent: string | null): InboundMessage {
  return { origin: 'identity/0/1', key: null, value: null, traceparent };
}

/** Handles one message and returns the trace that the handler was part of. */
async function traceWithin(traceparent: string | null, tracer: ITracer = NO_TRACER) {
  let seen: TraceContext | null = null;
  const handle = (): Promise<'handled'> => {
    seen = currentTrace();
    return Promise.resolve('handled');
  };
  expect(await continueTraces(handle, 'identity', tracer)(messageOf(traceparent))).toBe('handled');
  expect(currentTrace()).toBeNull();
  return seen;
}

describe('a consumed message', () => {
  it('is handled as part of the trace of its publisher, also when nothing is recorded', async () => {
    expect(await traceWithin(`00-${TRACE.traceId}-${TRACE.spanId}-01`)).toEqual(TRACE);
  });

  it.each([null, '', 'nonsense'])(
    'is handled outside of any trace without a valid one (%j)',
    async (given) => {
      expect(await traceWithin(given)).toBeNull();
    },
  );

  it('begins a trace when its publisher sent none and spans are recorded', async () => {
    const started: SpanOptions[] = [];
    const tracer: ITracer = {
      ...NO_TRACER,
      isRecording: true,
      run: (_name, options, work) => {
        started.push(options);
        return work();
      },
    };
    await traceWithin(null, tracer);
    expect(started).toEqual([expect.objectContaining({ kind: 'consumer', parent: null })]);
  });
});
