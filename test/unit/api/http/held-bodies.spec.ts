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

describe('bodies within the bound', () => {
  it('are all held', () => {
    for (let i = 0; i < 5; i++) arriving(`arriving ${i}`, 'a', 500);
    for (let i = 0; i < 5; i++) whole(`whole ${i}`, 500);
    expect(refused).toEqual([]);
  });

  it('fit again after others were answered', () => {
    for (let i = 0; i < 10; i++) bodies.release(whole(`body ${i}`, 9_000));
    expect(refused).toEqual([]);
  });

  it('are released once, however often release is called', () => {
    const first = whole('first', 4_000);
    bodies.release(first);
    bodies.release(first);
    bodies.complete(first);
    whole('second', 9_000);
    whole('third', 5_000);
    expect(refused).toEqual(['third']);
  });
});

describe('a full store', () => {
  it('evicts the oldest incomplete body of the largest sender', () => {
    arriving('of a quiet one', 'quiet', 100);
    arriving('old', 'loud', 4_000);
    arriving('young', 'loud', 4_000);
    whole('of another', 3_000);
    expect(refused).toEqual(['old']);
  });

  it('evicts as many bodies as are needed, and no more', () => {
    for (let i = 0; i < 8; i++) arriving(`${i}`, 'loud', 1_000);
    whole('large', 3_000);
    expect(refused).toEqual(['0', '1', '2']);
  });

  it('evicts the arriving body when its sender holds most, or when all others are complete', () => {
    const greedy = arriving('greedy', 'loud', 5_000);
    arriving('modest', 'quiet', 3_000);
    bodies.add(greedy, 3_000);
    expect(refused).toEqual(['greedy']);
    whole('whole', 6_000);
    whole('late', 6_000);
    expect(refused).toEqual(['greedy', 'modest', 'late']);
  });

  it('never evicts a complete body', () => {
    const body = arriving('first', 'loud', 5_000);
    bodies.complete(body);
    arriving('second', 'quiet', 6_000);
    expect(refused).toEqual(['second']);
  });

  it('counts nothing that still arrives of an evicted body', () => {
    const body = arriving('first', 'loud', 9_000);
    arriving('second', 'quiet', 5_000);
    bodies.add(body, 9_000);
    bodies.trackIncomplete(body, 'loud');
    bodies.release(body);
    arriving('third', 'quiet', 4_000);
    expect(refused).toEqual(['first']);
  });

  it('counts an overhead for each chunk', () => {
    const body = bodies.hold(() => refused.push('crumbs'));
    for (let i = 0; i < 100; i++) bodies.add(body, 1);
    expect(refused).toEqual(['crumbs']);
  });
});
