import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LiveStream } from '../../../../../src/api/http/live/live-stream.js';

const HOUR_MS = 3_600_000;
const FRAME = Buffer.from('event: online\n\n');

/** A response whose client reads, until the test says otherwise. */
class FakeResponse {
  writableLength = 0;
  readonly written: string[] = [];
  ended: string | null = null;
  destroyed = false;

  write(frame: Buffer): void {
    this.written.push(frame.toString());
  }

  end(frame: Buffer): void {
    this.ended = frame.toString();
  }
}

let response: FakeResponse;
let isDestroyed: boolean;
let stream: LiveStream;

beforeEach(() => {
  response = new FakeResponse();
  isDestroyed = false;
  stream = new LiveStream({
    response: response as unknown as ServerResponse,
    socket: { destroy: () => (isDestroyed = true) } as unknown as Socket,
    address: '192.0.2.1',
    tokenValidUntilMs: HOUR_MS,
    rotateAtMs: 900_000,
    nowMs: 0,
  });
});

describe('LiveStream', () => {
  it('sends a comment into a silence of ten seconds, and none between figures', () => {
    stream.write(FRAME, 5_000);
    expect(stream.check(14_999, 0)).toBeNull();
    expect(response.written).toEqual([FRAME.toString()]);
    expect(stream.check(15_000, 0)).toBeNull();
    expect(stream.check(16_000, 0)).toBeNull();
    expect(response.written.slice(1)).toEqual([':\n\n']);
  });

  it('is slow once its client has left bytes unread for ten seconds', () => {
    response.writableLength = 150;
    expect(stream.check(2_000, 0)).toBeNull();
    expect(stream.check(11_999, 0)).toBeNull();
    expect(stream.check(12_000, 0)).toBe('slow');
  });

  it('is not slow when its client reads now and then', () => {
    for (let second = 2; second < 60; second += 4) {
      response.writableLength = 150;
      expect(stream.check(second * 1000, 0)).toBeNull();
      response.writableLength = 0;
      expect(stream.check((second + 2) * 1000, 0)).toBeNull();
    }
  });

  it('takes no frame once 64 KiB wait for its client', () => {
    response.writableLength = 65_536;
    expect(stream.write(FRAME, 0)).toBe(true);
    response.writableLength = 65_537;
    expect(stream.write(FRAME, 0)).toBe(false);
    expect(response.written).toHaveLength(1);
  });

  it('ends with its token, by the clock of all replicas', () => {
    expect(stream.check(0, HOUR_MS - 1)).toBeNull();
    expect(stream.check(0, HOUR_MS)).toBe('token_expired');
  });

  it('ends with its lifetime, by the monotonic clock', () => {
    expect(stream.check(899_999, 0)).toBeNull();
    expect(stream.check(900_000, 0)).toBe('rotated');
  });

  it('tells its client why it ends', () => {
    stream.end('token_expired');
    expect(response.ended).toBe('event: end\ndata: {"reason":"token_expired"}\n\n');
    expect(isDestroyed).toBe(false);
  });

  it('disconnects a client that does not read', () => {
    response.writableLength = 150;
    stream.end('slow');
    expect(response.ended).toBeNull();
    expect(isDestroyed).toBe(true);
  });
});
