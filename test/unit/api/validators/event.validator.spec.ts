import { describe, expect, it } from '@jest/globals';
import { EventBatchPipe, MAX_EVENTS } from '../../../../src/api/validators/event.validator.js';
import { eventItem } from '../../../support/builders.js';
import { applicationError } from '../../expectations.js';

const INVALID = applicationError('batch_invalid');
const pipe = new EventBatchPipe();

const batchOf = (count: number): unknown[] => Array.from({ length: count }, () => eventItem());

describe('EventBatchPipe', () => {
  it.each([1, 2, MAX_EVENTS])('takes %i events', (count) => {
    expect(pipe.transform({ events: batchOf(count) }).events).toHaveLength(count);
  });

  it.each([0, MAX_EVENTS + 1])('refuses %i events', (count) => {
    expect(() => pipe.transform({ events: batchOf(count) })).toThrow(INVALID);
  });

  it('looks at no event: a bad one must not fail the others', () => {
    const events = [null, 'text', { eventName: 5 }];
    expect(pipe.transform({ events })).toEqual({ events });
  });

  it.each([undefined, null, 'text', 5, [], [eventItem()]])('refuses a body of %j', (body) => {
    expect(() => pipe.transform(body)).toThrow(INVALID);
  });

  it.each([undefined, null, {}, 'text', { length: 1, 0: eventItem() }])('refuses events of %j', (events) => {
    expect(() => pipe.transform({ events })).toThrow(INVALID);
  });

  it.each([0, 1736874000, 1736874000.5, 99_999_999_999])('takes sentAt of %d', (sentAt) => {
    expect(pipe.transform({ events: batchOf(1), sentAt })).toMatchObject({ sentAt });
  });

  it.each([undefined, null])('takes sentAt of %j for none', (sentAt) => {
    expect(pipe.transform({ events: batchOf(1), sentAt })).not.toHaveProperty('sentAt');
  });

  it.each([-1, 1e11, 1736874000000, 1e300, NaN, Infinity, '1736874000', {}])(
    'refuses sentAt of %p',
    (sentAt) => {
      expect(() => pipe.transform({ events: batchOf(1), sentAt })).toThrow(INVALID);
    },
  );

  it('leaves out what it does not know', () => {
    expect(pipe.transform({ events: batchOf(1), extra: true })).toEqual({ events: batchOf(1) });
  });
});
