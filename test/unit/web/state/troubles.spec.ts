import { describe, expect, it } from '@jest/globals';
import { Troubles } from '../../../../web/src/state/troubles.js';

describe('Troubles', () => {
  it('announce an outage of ten figures once, and its end once', () => {
    const troubles = new Troubles();
    const announced: string[] = [];
    troubles.subscribe(() => announced.push(troubles.get()));
    expect(troubles.get()).toBe('none');
    const ends = Array.from({ length: 10 }, () => troubles.begin());
    expect(announced).toEqual(['some']);
    for (const end of ends) end();
    expect(announced).toEqual(['some', 'over']);
  });

  it('last until the last figure is back, however often one says so', () => {
    const troubles = new Troubles();
    const [first, second] = [troubles.begin(), troubles.begin()];
    first();
    first();
    expect(troubles.get()).toBe('some');
    second();
    expect(troubles.get()).toBe('over');
  });
});
