import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';
import { SessionStartedEvent } from '../../../../src/domain/events/session-started.event.js';
import { INSTALL, NOW } from '../../../support/builders.js';

/** An id above 2^53, which would lose its last digit as a number. */
const BIG = 9223372036854775807n;

/** Returns the value that a subscriber reads. */
function received(event: DomainEvent): unknown {
  return JSON.parse(JSON.stringify(event.toPayload()));
}

describe('SessionStartedEvent', () => {
  const session = new SessionStartedEvent(BIG, INSTALL, NOW, { os: 'iOS', appVersion: '2.4.0' });

  it('has the wire name of the contract', () => {
    expect(session.eventType).toBe('analytics.session.started');
  });

  it('trap 3: contains the user id as a decimal string', () => {
    expect(received(session)).toEqual({
      userId: '9223372036854775807',
      installId: INSTALL,
      occurredAt: '2025-01-14T17:00:00.000Z',
      metadata: { os: 'iOS', appVersion: '2.4.0' },
    });
  });

  it('contains null for an unknown user', () => {
    expect(received(new SessionStartedEvent(null, INSTALL, NOW, {}))).toMatchObject({
      userId: null,
      metadata: {},
    });
  });

  it('has the user as its subject, or the install without a user', () => {
    expect(session.subject).toBe('u:9223372036854775807');
    expect(new SessionStartedEvent(null, INSTALL, NOW, {}).subject).toBe(`i:${INSTALL}`);
  });
});
