import { describe, expect, it } from '@jest/globals';
import { VirtualDevice } from '../../../../clients/conformance/adapter/virtual-device.js';
import { judgeAnswer, type Answer } from '../../../../clients/typescript/src/delivery/answer.js';
import { Backoff } from '../../../../clients/typescript/src/delivery/backoff.js';
import { TokenHolder } from '../../../../clients/typescript/src/delivery/token-holder.js';
import { clockChangeMs, readClocks } from '../../../../clients/typescript/src/queue/clock-change.js';
import { utf8Length } from '../../../../clients/typescript/src/queue/utf8-length.js';

const MINUTE = 60_000;

function answer(status: number, rest: Partial<Answer> = {}): Answer {
  return { status, code: null, message: '', retryAfterMs: null, body: undefined, ...rest };
}

describe('judgeAnswer', () => {
  const verdicts = { accepted: 2, duplicates: 1, failed: 1 };
  const rejected = [{ index: 3, code: 'event_too_old', message: 'too old' }];

  it('takes a 200 with a verdict for each event as a confirmation', () => {
    expect(judgeAnswer(answer(200, { body: { ...verdicts, rejected } }), 4)).toEqual({
      kind: 'confirmed',
      rejected,
    });
  });

  it.each([
    ['a page', undefined],
    ['verdicts of another number of events', { ...verdicts, failed: 0 }],
    ['verdicts that are texts', { accepted: '4', duplicates: '0', failed: '0' }],
    ['null', null],
  ])('takes a 200 with %s as no confirmation', (_, body) => {
    expect(judgeAnswer(answer(200, { body }), 4)).toEqual({ kind: 'unconfirmed' });
  });

  it.each([
    [0, null, 'unconfirmed'],
    [302, null, 'unconfirmed'],
    [400, null, 'unconfirmed'],
    [404, null, 'unconfirmed'],
    [408, 'request_timeout', 'unconfirmed'],
    [425, 'too_early', 'unconfirmed'],
    [429, 'rate_limited', 'unconfirmed'],
    [500, 'internal_error', 'unconfirmed'],
    [503, 'overloaded', 'unconfirmed'],
    [401, 'token_expired', 'unauthenticated'],
    [400, 'batch_invalid', 'divisible'],
    [413, 'body_too_large', 'divisible'],
    [413, null, 'divisible'],
    [403, 'role_missing', 'refused'],
    [415, 'content_type_unsupported', 'refused'],
  ])('judges %i with the code %s as %s', (status, code, kind) => {
    expect(judgeAnswer(answer(status, { code }), 4)).toMatchObject({ kind });
  });
});

describe('Backoff', () => {
  function make(random: () => number) {
    const device = new VirtualDevice(0);
    return {
      device,
      backoff: new Backoff({ firstBackoffMs: 2_000, maxBackoffMs: 5 * MINUTE }, device.clock, random),
    };
  }

  it('doubles its waits up to a limit, half of each at random', () => {
    const low = make(() => 0).backoff;
    const high = make(() => 1).backoff;
    const waits = Array.from({ length: 10 }, () => [low.fail(null), high.fail(null)]);

    expect(waits.slice(0, 3)).toEqual([
      [1_000, 2_000],
      [2_000, 4_000],
      [4_000, 8_000],
    ]);
    expect(waits.at(-1)).toEqual([150_000, 300_000]);
  });

  it('waits at least for Retry-After, also when the network is back', async () => {
    const { backoff, device } = make(() => 0);
    backoff.fail(30_000);
    backoff.skip();

    expect(backoff.remainingMs()).toBe(30_000);
    await device.advance(30_000);
    expect(backoff.remainingMs()).toBe(0);
  });

  it('begins with the shortest wait after a success', () => {
    const { backoff } = make(() => 0);
    for (let failure = 0; failure < 8; failure += 1) backoff.fail(null);
    backoff.succeed();

    expect(backoff.fail(null)).toBe(1_000);
  });
});

describe('TokenHolder', () => {
  function make(token: (refused: string | null) => Promise<string | null>) {
    const device = new VirtualDevice(0);
    return { device, holder: new TokenHolder({ userId: '1', token }, device.startTimer, 30_000) };
  }

  it('asks once, however many requests are refused at a time', async () => {
    const asked: (string | null)[] = [];
    const { holder } = make(async (refused) => {
      asked.push(refused);
      return refused === null ? 'old' : 'new';
    });
    expect(await Promise.all([holder.get(), holder.get()])).toEqual(['old', 'old']);
    expect(await Promise.all([holder.replace('old'), holder.replace('old'), holder.get()])).toEqual(
      Array.from({ length: 3 }, () => 'new'),
    );
    expect(await holder.replace('old')).toBe('new');
    expect(asked).toEqual([null, 'old']);
  });

  it('returns no token that was just refused', async () => {
    const { holder } = make(async () => 'same');
    expect(await holder.get()).toBe('same');
    expect(await holder.replace('same')).toBeNull();
  });

  it('gives up an app that never answers', async () => {
    const { holder, device } = make(() => new Promise(() => undefined));
    const token = holder.get();
    const rejected = expect(token).rejects.toThrow('30000 ms');
    await device.advance(30_000);
    await rejected;
  });
});

describe('clockChangeMs', () => {
  it('finds by how much the clock was set, and no passing time', async () => {
    const device = new VirtualDevice(1e12);
    const before = readClocks(device.clock);
    await device.advance(5 * MINUTE);
    expect(clockChangeMs(before, device.clock)).toBe(0);
    device.setClock(-60 * MINUTE);
    expect(clockChangeMs(before, device.clock)).toBe(-60 * MINUTE);
  });

  it('takes a clock that ran ahead for sleep where the monotonic clock stands still meanwhile', () => {
    const device = new VirtualDevice(1e12);
    const clock = { ...device.clock, monotonicCountsSleep: false };
    const before = readClocks(clock);
    device.setClock(8 * 60 * MINUTE);
    expect(clockChangeMs(before, clock)).toBe(0);
    device.setClock(-9 * 60 * MINUTE);
    expect(clockChangeMs(before, clock)).toBe(-60 * MINUTE);
  });
});

describe('utf8Length', () => {
  it.each(['', 'abc', 'ü', '深圳', '😀', 'a😀深ü'])('counts the bytes of "%s"', (text) => {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  });
});
