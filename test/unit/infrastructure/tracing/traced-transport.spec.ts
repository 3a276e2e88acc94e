import { describe, expect, it } from '@jest/globals';

import { NO_TRACER, type ITracer, type SpanEnd } from '../../../../src/application/ports/tracer.port.js';
import type { OutboundMessage } from '../../../../src/infrastructure/outbox/event-transport.js';
import { TracedTransport } from '../../../../src/infrastructure/tracing/traced-transport.js';

const TRACE = 'a'.repeat(32);

function messageOf(eventId: string, traceparent?: string): OutboundMessage {
  return {
    eventId,
    eventType: 'analytics.session.started',
    subject: 'u:1',
    occurredAt: new Date(0),
    payload: {},
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Sends two messages, one of them traced. */
async function sendTwo(failure?: Error) {
  const ended: (SpanEnd | undefined)[] = [];
  const tracer: ITracer = {
    ...NO_TRACER,
    isRecording: true,
    start: (_name, { parent }) => ({
      context: { traceId: parent!.traceId, spanId: 'c'.repeat(16), isSampled: true },
      end: (result) => ended.push(result),
    }),
  };
  const sent: OutboundMessage[] = [];
  const channel = {
    send: (messages: readonly OutboundMessage[]) => {
      sent.push(...messages);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
    close: () => Promise.resolve(),
  };
  const transport = { openChannel: () => channel, check: () => Promise.resolve() };
  const sending = new TracedTransport(transport, tracer)
    .openChannel()
    .send([messageOf('1', `00-${TRACE}-${'b'.repeat(16)}-01`), messageOf('2')]);
  return { sending, sent, ended };
}

describe('a traced transport', () => {
  it('gives each traced message a span, which subscribers continue, and leaves the others alone', async () => {
    const { sending, sent, ended } = await sendTwo();
    await sending;
    expect(sent.map(({ traceparent }) => traceparent)).toEqual([
      `00-${TRACE}-${'c'.repeat(16)}-01`,
      undefined,
    ]);
    expect(ended).toEqual([undefined]);
  });

  it('ends the spans with the error of a batch that was not stored', async () => {
    const failure = new Error('no leader');
    const { sending, ended } = await sendTwo(failure);
    await expect(sending).rejects.toBe(failure);
    expect(ended).toEqual([{ error: failure }]);
  });
});
