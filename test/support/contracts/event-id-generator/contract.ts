import { beforeEach, describe, expect, it } from '@jest/globals';

import type { IEventIdGenerator } from '../../../../src/application/ports/event-id-generator.port.js';
import { later, NOW } from '../../builders.js';

/** Describes what every {@link IEventIdGenerator} does. */
export function describeEventIdGenerator(adapter: string, make: () => IEventIdGenerator): void {
  describe(`IEventIdGenerator: ${adapter}`, () => {
    let ids: IEventIdGenerator;

    beforeEach(() => {
      ids = make();
    });

    it('generates a new id each time within one millisecond', () => {
      const made = Array.from({ length: 1000 }, () => ids.next(NOW).value);
      expect(new Set(made).size).toBe(1000);
    });

    it('generates ids that sort by time', () => {
      const made = [0, 1, 2, 1000, 100_000].map((ms) => ids.next(later(NOW, ms)).value);
      expect(made.toSorted()).toEqual(made);
    });

    it('derives the same id from the same content and another id from other content', () => {
      const id = ids.fromContent('a line').value;
      expect(ids.fromContent('a line ').value).not.toBe(id);
      expect(ids.fromContent('a line').value).toBe(id);
    });
  });
}
