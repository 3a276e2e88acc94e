import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeldBodies, type HeldBody } from '../../../../src/api/http/held-bodies.js';

const MAX = 10_000;

let bodies: HeldBodies;
let refused: string[];

beforeEach(() => {
  bodies = new HeldBodies(MAX);
  refused = [];
});

function whole(name: string, bytes: number): HeldBody {
  const body = bodies.hold(() => refused.push(name));
  bodies.add(body, bytes);
  return body;
}

function arriving(name: string, address: string, bytes: number): HeldBody {
  const body = bodies.hold(() => refused.push(name));
  bodies.trackIncomplete(body, address);
  bodies.add(body, bytes);
  return body;
}

describe('bodies that fit', () => {
  it('are all held', () => {
    for (let i = 0; i < 5; i++) arriving(`arriving ${i}`, 'a', 500);
    for (let i = 0; i < 5; i++) whole(`whole ${i}`, 500);
    expect(refused).toEqual([]);
  });

  it('fit again once others were answered', () => {
    for (let i = 0; i < 10; i++) bodies.release(whole(`body ${i}`, 9_000));
    expect(refused).toEqual([]);
  });

  it('are given back once, however often that is said', () => {
    const first = whole('first', 4_000);
    bodies.release(first);
    bodies.release(first);
    bodies.complete(first);
    whole('second', 9_000);
    whole('third', 5_000);
    expect(refused).toEqual(['third']);
  });
});

describe('where there is no room', () => {
  it('the oldest that is still arriving gives way, of the sender with the most', () => {
    arriving('of a quiet one', 'quiet', 100);
    arriving('old', 'loud', 4_000);
    arriving('young', 'loud', 4_000);
    whole('of another', 3_000);
    expect(refused).toEqual(['old']);
  });

  it('as many give way as are needed, and no more', () => {
    for (let i = 0; i < 8; i++) arriving(`${i}`, 'loud', 1_000);
    whole('large', 3_000);
    expect(refused).toEqual(['0', '1', '2']);
  });

  it('the one that comes gives way itself when it is the sender’s with the most, or when all others are whole', () => {
    const greedy = arriving('greedy', 'loud', 5_000);
    arriving('modest', 'quiet', 3_000);
    bodies.add(greedy, 3_000);
    expect(refused).toEqual(['greedy']);
    whole('whole', 6_000);
    whole('late', 6_000);
    expect(refused).toEqual(['greedy', 'modest', 'late']);
  });

  it('what is whole stays', () => {
    const body = arriving('first', 'loud', 5_000);
    bodies.complete(body);
    arriving('second', 'quiet', 6_000);
    expect(refused).toEqual(['second']);
  });

  it('what has given way counts for nothing any more, whatever still comes of it', () => {
    const body = arriving('first', 'loud', 9_000);
    arriving('second', 'quiet', 5_000);
    bodies.add(body, 9_000);
    bodies.trackIncomplete(body, 'loud');
    bodies.release(body);
    arriving('third', 'quiet', 4_000);
    expect(refused).toEqual(['first']);
  });

  it('many small chunks count for more than their bytes', () => {
    const body = bodies.hold(() => refused.push('crumbs'));
    for (let i = 0; i < 100; i++) bodies.add(body, 1);
    expect(refused).toEqual(['crumbs']);
  });
});
