import { describe, expect, it } from '@jest/globals';

import { fromStoredPayload, toStoredPayload } from '../../../../src/infrastructure/outbox/message-trace.js';

const PAYLOAD = { userId: '42', installId: 'phone-of-li-wei' };
const TRACE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };

describe('a payload in the outbox', () => {
  it('gives its trace to the message and leaves nothing of it in the payload', () => {
    const stored = JSON.parse(JSON.stringify(toStoredPayload(PAYLOAD, TRACE))) as typeof PAYLOAD;
    expect(fromStoredPayload(stored)).toEqual({
      payload: PAYLOAD,
      traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01`,
    });
  });

  it('is the same object without a trace', () => {
    expect(toStoredPayload(PAYLOAD, null)).toBe(PAYLOAD);
    expect(fromStoredPayload(PAYLOAD)).toEqual({ payload: PAYLOAD });
  });
});
