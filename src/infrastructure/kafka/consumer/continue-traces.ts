import type { MessageHandler } from '../../../application/ports/event-consumer.port.js';
import type { ITracer } from '../../../application/ports/tracer.port.js';
import { runWork } from '../../../shared/context/work-context.js';
import { parseTraceparent } from '../../../shared/rules/traceparent.rule.js';

/** Handles each message as part of the trace of what published it. */
export function continueTraces(handle: MessageHandler, topic: string, tracer: ITracer): MessageHandler {
  return (message) => {
    const parent = parseTraceparent(message.traceparent);
    if (!tracer.isRecording)
      return parent === null
        ? handle(message)
        : runWork({ requestId: null, trace: parent }, () => handle(message));
    const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': topic };
    return tracer.run(`process ${topic}`, { kind: 'consumer', attributes, parent }, () => handle(message));
  };
}
