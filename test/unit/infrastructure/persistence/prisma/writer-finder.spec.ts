import { describe, expect, it } from '@jest/globals';

import { isUnavailable } from '../../../../../src/infrastructure/persistence/prisma/database-errors.js';
import { WriterFinder } from '../../../../../src/infrastructure/persistence/prisma/writer-finder.js';
import { rejectionOf } from '../../../../support/failures.js';

const [ONE, TWO] = [
  { host: 'one', port: 5432 },
  { host: 'two', port: 5433 },
];

describe('WriterFinder', () => {
  it('takes the host that takes writes, and asks again only when it is told to', async () => {
    const asked: string[] = [];
    let writer = 'one';
    const finder = new WriterFinder([ONE, TWO], ({ host }) => {
      asked.push(host);
      return host === writer ? Promise.resolve() : Promise.reject(new Error('a standby'));
    });
    expect(await Promise.all([finder.find(), finder.find()])).toEqual([ONE, ONE]);
    writer = 'two';
    expect(await finder.find()).toEqual(ONE);
    expect(asked).toEqual(['one', 'two']);
    finder.forget();
    expect(await finder.find()).toEqual(TWO);
  });

  it('does not wait for a host that is silent', async () => {
    const finder = new WriterFinder([ONE, TWO], ({ host }) =>
      host === 'one' ? new Promise(() => undefined) : Promise.resolve(),
    );
    expect(await finder.find()).toEqual(TWO);
  });

  it('says of each host why it is none, and rests before it asks again', async () => {
    let asked = 0;
    const finder = new WriterFinder([ONE, TWO], ({ host }) => {
      asked++;
      return Promise.reject(new Error(host === 'one' ? 'refused' : 'a standby'));
    });
    const error = await rejectionOf(finder.find());
    expect(String(error)).toContain('one:5432 (refused), two:5433 (a standby)');
    expect(isUnavailable(error)).toBe(true);
    expect(await rejectionOf(finder.find())).toBe(error);
    expect(asked).toBe(2);
  });
});
