import { describe, expect, it } from '@jest/globals';

import { deferred } from '../../support/deferred.js';
import { assemble, Parts } from '../../support/parts.js';

describe('something of several parts', () => {
  it('stops the parts that have started when another one fails, the last started first', async () => {
    const stopped: string[] = [];
    const stop = (part: string): unknown => stopped.push(part);
    const building = assemble(async (parts) => {
      await parts.add(Promise.resolve('database'), stop);
      await parts.add(Promise.resolve('proxy'), stop);
      await parts.add(Promise.reject(new Error('no such program')), stop);
    });
    await expect(building).rejects.toThrow('no such program');
    expect(stopped).toEqual(['proxy', 'database']);
  });

  it('stops a part that starts only after another one has failed', async () => {
    const stopped: string[] = [];
    const late = deferred<string>();
    const building = assemble((parts) =>
      Promise.all([
        parts.add(late.promise, (part) => stopped.push(part)),
        parts.add(Promise.reject(new Error('the first one fails')), () => undefined),
      ]),
    );
    late.resolve('late');
    await expect(building).rejects.toThrow('the first one fails');
    expect(stopped).toEqual(['late']);
  });

  it('keeps its parts after a start that succeeds, and stops each of them once', async () => {
    const stopped: string[] = [];
    const stop = await assemble(async (parts) => {
      await parts.add(Promise.resolve('service'), (part) => stopped.push(part));
      return () => parts.stop();
    });
    expect(stopped).toEqual([]);
    await stop();
    await stop();
    expect(stopped).toEqual(['service']);
  });

  it('stops every part although one of them fails to stop, and reports that one', async () => {
    const stopped: string[] = [];
    const parts = new Parts();
    await parts.add(Promise.resolve('first'), (part) => stopped.push(part));
    await parts.add(Promise.resolve('second'), () => {
      throw new Error('does not end');
    });
    await expect(parts.stop()).rejects.toThrow('does not end');
    expect(stopped).toEqual(['first']);
  });
});
