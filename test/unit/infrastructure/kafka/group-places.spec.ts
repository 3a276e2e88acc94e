import { beforeEach, describe, expect, it } from '@jest/globals';

import { GroupPlaces } from '../../../../src/infrastructure/kafka/group-places.js';
import type { StartTimer } from '../../../../src/shared/utils/timeout.util.js';
import { applicationError } from '../../expectations.js';

const LIMIT = 5_000;

let buffered: number;
let timers: (() => void)[];
let places: GroupPlaces;

const startTimer: StartTimer = (callback) => {
  timers.push(callback);
  return () => {
    timers = timers.filter((timer) => timer !== callback);
  };
};

beforeEach(() => {
  buffered = 0;
  timers = [];
  places = new GroupPlaces(LIMIT, () => buffered, 250, startTimer);
});

/** Takes places, and tells by its list when they were admitted or refused. */
function take(count: number, name = String(count), log: string[] = []): string[] {
  places.take(count).then(
    () => log.push(`${name} admitted`),
    () => log.push(`${name} refused`),
  );
  return log;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('places for groups', () => {
  it('are there up to the limit, buffered events and other groups included', async () => {
    buffered = 3_000;
    const log = take(1_000, 'first');
    take(1_000, 'second', log);
    take(1, 'third', log);
    await settled();
    expect(log).toEqual(['first admitted', 'second admitted']);
    expect(places.announced).toBe(2_000);
  });

  it('are given in order of arrival, also to a small group behind a large one', async () => {
    buffered = LIMIT;
    const log = take(1_000, 'large');
    take(1, 'small', log);
    buffered = LIMIT - 10;
    places.admitFitting();
    await settled();
    expect(log).toEqual([]);
    buffered = 1_000;
    places.admitFitting();
    await settled();
    expect(log).toEqual(['large admitted', 'small admitted']);
    expect(timers).toEqual([]);
  });

  it('are there for a group larger than the limit once nothing else is', async () => {
    buffered = 1;
    const log = take(LIMIT + 1, 'huge');
    await settled();
    expect(log).toEqual([]);
    buffered = 0;
    places.admitFitting();
    await settled();
    expect(log).toEqual(['huge admitted']);
  });

  it('are refused when the time is up, and the next group takes its turn', async () => {
    buffered = LIMIT - 1;
    const log = take(1_000, 'large');
    take(1, 'small', log);
    timers[0]!();
    await settled();
    expect(log).toEqual(['large refused', 'small admitted']);
    expect(places.announced).toBe(1);
  });

  it('are refused at once when as many wait as the limit has', async () => {
    buffered = LIMIT;
    take(LIMIT);
    await expect(places.take(1)).rejects.toEqual(applicationError('overloaded', 'unavailable'));
  });

  it('are free again once given back', async () => {
    const log = take(LIMIT, 'first');
    take(1_000, 'second', log);
    await settled();
    places.giveBack(LIMIT);
    await settled();
    expect(log).toEqual(['first admitted', 'second admitted']);
    expect(places.announced).toBe(1_000);
  });

  it('are given to all that wait when nothing is taken any more', async () => {
    buffered = LIMIT;
    const log = take(1_000, 'first');
    take(1_000, 'second', log);
    places.admitFitting({ all: true });
    await settled();
    expect(log).toEqual(['first admitted', 'second admitted']);
  });
});
