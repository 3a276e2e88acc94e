import { describe, expect, it } from '@jest/globals';
import { DauCalculatedEvent } from '../../../../src/domain/events/dau-calculated.event.js';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';
import { NOW, TODAY } from '../../../support/builders.js';

/** Returns the value that a subscriber reads. */
function received(event: DomainEvent): unknown {
  return JSON.parse(JSON.stringify(event.toPayload()));
}

describe('DauCalculatedEvent', () => {
  const calculated = new DauCalculatedEvent(TODAY, 123, 4, NOW);

  it('has the wire name of the contract', () => {
    expect(calculated.eventType).toBe('analytics.dau.calculated');
  });

  it('trap 1: contains the day as text and not as an instant', () => {
    expect(received(calculated)).toEqual({ day: '2025-01-15', dauCount: 123, version: 4 });
  });

  it('has the day as its subject', () => {
    expect(calculated.subject).toBe('d:2025-01-15');
  });
});
