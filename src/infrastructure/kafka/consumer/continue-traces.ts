import type { InboundMessage, MessageHandler } from '../../../application/ports/event-consumer.port.js';
import type { ITracer } from '../../../application/ports/tracer.port.js';
import { runInContext, type WorkContext } from '../../../shared/context/work-context.js';
import { parseTraceparent, type TraceContext } from '../../../shared/rules/traceparent.rule.js';

/** Handles each message as part of the trace of what published it. */
export function continueTraces(handle: MessageHandler, topic: string, tracer: ITracer): MessageHandler {
  return (message) => {
    const parent = parseTraceparent(message.traceparent);
    if (!tracer.isRecording) return parent === null ? handle(message) : handleWithin(parent, handle, message);
    const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': topic };
    return tracer.run(`process ${topic}`, { kind: 'consumer', attributes, parent }, () => handle(message));
  };
}

async function handleWithin(trace: TraceContext, handle: MessageHandler, message: InboundMessage) {
  const context: WorkContext = { requestId: null, trace, isOver: false };
  try {
    return await runInContext(context, () => handle(message));
  } finally {
    context.isOver = true;
  }
}
