import { describe, expect, it } from '@jest/globals';
import { endFrame, frameOf, parseTick, retryFrame } from '../../../../../src/api/http/live/event-frames.js';

const queriedAt = new Date('2025-01-15T10:30:00.002Z');
const online = {
  name: 'online',
  tick: 1_736_937_000,
  data: { count: 1234, windowSeconds: 180, queriedAt },
} as const;

describe('event frames', () => {
  it('give a reading its tick as id', () => {
    expect(frameOf(online).toString()).toBe(
      'id: 1736937000\nevent: online\ndata: {"count":1234,"windowSeconds":180,"queriedAt":"2025-01-15T10:30:00.002Z"}\n\n',
    );
  });

  it('are encoded once for all watchers', () => {
    expect(frameOf(online)).toBe(frameOf(online));
    expect(frameOf({ ...online })).not.toBe(frameOf(online));
  });

  it('have no id for a state, which a watcher that returns is sent anyway', () => {
    const data = {
      status: 'degraded',
      dependencies: { redis: 'down' },
      clock: 'ok',
      figures: { online: 'redis_unavailable', dau: 'ok' },
    } as const;
    expect(frameOf({ name: 'status', data }).toString()).toBe(
      `event: status\ndata: ${JSON.stringify(data)}\n\n`,
    );
  });

  it('state the wait before a reconnection and the reason of an end', () => {
    expect(retryFrame(2500).toString()).toBe('retry: 2500\n\n');
    expect(endFrame('rotated').toString()).toBe('event: end\ndata: {"reason":"rotated"}\n\n');
  });
});

describe('parseTick', () => {
  it('reads an id of ours', () => {
    expect(parseTick('1736937000')).toBe(1_736_937_000);
  });

  it.each([undefined, '', 'abc', '-5', '1.5', '1e9', ' 1', '9'.repeat(13), '1736937000, 5'])(
    'ignores %j',
    (id) => {
      expect(parseTick(id)).toBeNull();
    },
  );
});
