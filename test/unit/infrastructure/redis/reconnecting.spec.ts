import { beforeEach, describe, expect, it } from '@jest/globals';

import { ReconnectDelay } from '../../../../src/infrastructure/redis/reconnect-delay.js';
import { WrongNodeRule } from '../../../../src/infrastructure/redis/wrong-node.js';

let nowMs = 0;
const now = (): number => nowMs;

beforeEach(() => {
  nowMs = 0;
});

describe('ReconnectDelay', () => {
  it('doubles up to a second while connections are soon lost, and starts again after one that lasted', () => {
    const delay = new ReconnectDelay(now, () => 1);
    const delays = Array.from({ length: 7 }, () => {
      nowMs += 1_000;
      return delay.nextMs();
    });
    expect(delays).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
    nowMs += 10_001;
    expect(delay.nextMs()).toBe(50);
  });

  it('varies by half, so that replicas do not connect at the same moment', () => {
    const [shortest, longest] = [0, 1].map((random) => new ReconnectDelay(now, () => random).nextMs());
    expect([shortest, longest]).toEqual([25, 50]);
  });
});

describe('WrongNodeRule', () => {
  const READONLY = new Error("READONLY You can't write against a read only replica.");

  it('drops one connection to a node within its interval', () => {
    const rule = new WrongNodeRule(false, now);
    expect(rule.dropsConnection(READONLY, 'a:1')).toBe(true);
    expect(rule.dropsConnection(READONLY, 'a:1')).toBe(false);
    expect(rule.dropsConnection(READONLY, 'b:1')).toBe(true);
    nowMs = 250;
    expect(rule.dropsConnection(READONLY, 'a:1')).toBe(true);
  });

  it.each([
    ['CLUSTERDOWN Hash slot not served', true],
    ['CLUSTERDOWN Hash slot not served', false],
    ['NOREPLICAS Not enough good replicas to write.', true],
    ["OOM command not allowed when used memory > 'maxmemory'.", false],
    ['ERR READONLY is no command', false],
  ])('keeps the connection for %s (cluster: %s)', (reply, cluster) => {
    expect(new WrongNodeRule(cluster, now).dropsConnection(new Error(reply), 'a:1')).toBe(false);
  });
});
