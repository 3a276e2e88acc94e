import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';
import { HeartbeatReceivedEvent } from '../../../../src/domain/events/heartbeat-received.event.js';
import { INSTALL, NOW } from '../../../support/builders.js';

/** An id above 2^53, which would lose its last digit as a number. */
const BIG = 9223372036854775807n;

/** Returns the value that a subscriber reads. */
function received(event: DomainEvent): unknown {
  return JSON.parse(JSON.stringify(event.toPayload()));
}

describe('HeartbeatReceivedEvent', () => {
  const heartbeat = new HeartbeatReceivedEvent(BIG, INSTALL, NOW);

  it('has the wire name of the contract', () => {
    expect(heartbeat.eventType).toBe('presence.heartbeat.received');
  });

  it('trap 3: contains the user id as a decimal string', () => {
    expect(received(heartbeat)).toEqual({
      userId: '9223372036854775807',
      installId: INSTALL,
      occurredAt: '2025-01-14T17:00:00.000Z',
    });
  });

  it('has the user as its subject', () => {
    expect(heartbeat.subject).toBe('u:9223372036854775807');
  });
});
