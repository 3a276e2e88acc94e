import { version } from 'uuid';
import { describe, expect, it } from '@jest/globals';
import { UuidEventIdGenerator } from '../../../../src/infrastructure/system/uuid-event-id-generator.js';
import { later, NOW } from '../../../support/builders.js';

const ids = new UuidEventIdGenerator();

describe('UuidEventIdGenerator', () => {
  it('makes a different id each time, even within a millisecond', () => {
    const made = Array.from({ length: 1000 }, () => ids.next(NOW).value);
    expect(new Set(made).size).toBe(1000);
  });

  it('makes ids that sort by time, so that inserts stay local', () => {
    const times = [0, 1, 2, 1000, 100_000].map((ms) => later(NOW, ms));
    const made = times.map((time) => ids.next(time).value);
    expect(made.toSorted()).toEqual(made);
    expect(made.map((id) => version(id))).toEqual([7, 7, 7, 7, 7]);
  });

  it('makes the same id from the same content, and another one from other content', () => {
    expect(ids.fromContent('a line').value).toBe(new UuidEventIdGenerator().fromContent('a line').value);
    expect(ids.fromContent('a line').value).not.toBe(ids.fromContent('a line ').value);
  });

  it('keeps the ids of earlier releases, by which a second import recognises stored events', () => {
    expect(ids.fromContent('{"eventName":"app_session_start"}').value).toBe(
      '10d8760e-8b65-5ec9-ba31-e0e8d683f055',
    );
  });
});
