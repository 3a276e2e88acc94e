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

const PARENT = `00-${TRACE}-${'b'.repeat(16)}-01`;

/** Sends messages, by default two of which one is traced. */
function send(
  failure?: Error,
  messages: readonly OutboundMessage[] = [messageOf('1', PARENT), messageOf('2')],
) {
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
  const sending = new TracedTransport(transport, tracer).openChannel().send(messages);
  return { sending, sent, ended };
}

describe('a traced transport', () => {
  it('gives each traced message a span, which subscribers continue, and leaves the others alone', async () => {
    const { sending, sent, ended } = send();
    await sending;
    expect(sent.map(({ traceparent }) => traceparent)).toEqual([
      `00-${TRACE}-${'c'.repeat(16)}-01`,
      undefined,
    ]);
    expect(ended).toEqual([
      { attributes: { 'messaging.message.id': '1', 'messaging.batch.message_count': 1 } },
    ]);
  });

  it('gives the messages of one request and type one span, however many they are', async () => {
    const ofRequest = Array.from({ length: 1_000 }, (_, i) => messageOf(String(i), PARENT));
    const ofOther = messageOf('other', `00-${TRACE}-${'d'.repeat(16)}-01`);
    const { sending, sent, ended } = send(undefined, [...ofRequest, ofOther]);
    await sending;
    expect(ended.map((end) => end?.attributes?.['messaging.batch.message_count'])).toEqual([1_000, 1]);
    expect(new Set(sent.map(({ traceparent }) => traceparent))).toEqual(
      new Set([`00-${TRACE}-${'c'.repeat(16)}-01`]),
    );
  });

  it('ends the spans with the error of a batch that was not stored', async () => {
    const failure = new Error('no leader');
    const { sending, ended } = send(failure);
    await expect(sending).rejects.toBe(failure);
    expect(ended).toMatchObject([{ error: failure }]);
  });
});
