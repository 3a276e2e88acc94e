import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GetReadinessHandler } from '../../../../../src/application/queries/get-readiness/get-readiness.handler.js';
import type { Readiness } from '../../../../../src/application/queries/get-readiness/get-readiness.query.js';
import type { HealthProbe } from '../../../../../src/application/ports/health-probe.port.js';
import { DependencyHistory } from '../../../../../src/application/services/dependency-history.service.js';
import { ShutdownNotice } from '../../../../../src/application/services/shutdown-notice.service.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { deferred } from '../../../../support/deferred.js';

let notice: ShutdownNotice;
let clock: { isOff: boolean };
let time: FixedClock;
let history: DependencyHistory;

beforeEach(() => {
  notice = new ShutdownNotice();
  clock = { isOff: false };
  time = new FixedClock();
  history = new DependencyHistory(time);
});

const NEVER = new Promise<never>(() => {});

function probe(
  dependency: string,
  check: () => Promise<unknown>,
  options: { readonly essential?: boolean } = {},
): HealthProbe {
  return { dependency, essential: options.essential ?? false, check };
}

const up = (): Promise<unknown> => Promise.resolve('PONG');
const down = (): Promise<unknown> => Promise.reject(new Error('connection refused'));

function ask(...probes: readonly HealthProbe[]): Promise<Readiness> {
  return new GetReadinessHandler(probes, notice, clock, history).execute();
}

describe('GetReadinessHandler', () => {
  it('returns ok with each dependency by name when all are available', async () => {
    expect(await ask(probe('database', up, { essential: true }), probe('redis', up))).toEqual({
      status: 'ok',
      dependencies: { database: 'up', redis: 'up' },
      clock: 'ok',
    });
  });

  it('records when the status of a dependency last changed, at every reading of the readiness', async () => {
    const start = time.now();
    await ask(probe('redis', up));
    time.advance(15_000);
    await ask(probe('redis', up));
    expect(history.sinceOf('redis')).toEqual(start);
    time.advance(15_000);
    await ask(probe('redis', down));
    expect(history.sinceOf('redis')).toEqual(new Date(start.getTime() + 30_000));
    expect(history.sinceOf('kafka')).toBeNull();
  });

  it('returns ok without dependencies', async () => {
    expect(await ask()).toEqual({ status: 'ok', dependencies: {}, clock: 'ok' });
  });

  it('trap 7: returns degraded when an optional dependency such as Kafka is unavailable', async () => {
    expect(await ask(probe('database', up, { essential: true }), probe('kafka', down))).toEqual({
      status: 'degraded',
      dependencies: { database: 'up', kafka: 'down' },
      clock: 'ok',
    });
  });

  it('returns unavailable when a required dependency is unavailable', async () => {
    expect(await ask(probe('database', down, { essential: true }), probe('redis', up))).toEqual({
      status: 'unavailable',
      dependencies: { database: 'down', redis: 'up' },
      clock: 'ok',
    });
  });

  it('returns unavailable when a required and an optional dependency are unavailable', async () => {
    expect(await ask(probe('redis', down), probe('database', down, { essential: true }))).toMatchObject({
      status: 'unavailable',
    });
  });

  it('returns shutting_down once the shutdown is announced, whatever the dependencies are', async () => {
    notice.announce();
    expect(await ask(probe('database', up, { essential: true }), probe('kafka', down))).toEqual({
      status: 'shutting_down',
      dependencies: { database: 'up', kafka: 'down' },
      clock: 'ok',
    });
    expect(await ask(probe('database', down, { essential: true }))).toMatchObject({
      status: 'shutting_down',
    });
  });

  it('returns degraded with the clock off when the clock of the machine differs from the stores’', async () => {
    clock.isOff = true;
    expect(await ask(probe('database', up, { essential: true }))).toEqual({
      status: 'degraded',
      dependencies: { database: 'up' },
      clock: 'off',
    });
    expect(await ask(probe('database', down, { essential: true }))).toMatchObject({
      status: 'unavailable',
      clock: 'off',
    });
  });

  it('reports a probe that throws synchronously as down', async () => {
    const broken = (): Promise<unknown> => {
      throw new Error('not even a promise');
    };
    expect(await ask(probe('redis', broken))).toMatchObject({ status: 'degraded' });
  });

  it('calls a probe as a method of its object', async () => {
    class RedisProbe implements HealthProbe {
      readonly dependency = 'redis';
      readonly essential = false;
      private readonly answers = true;

      check(): Promise<unknown> {
        return this.answers ? up() : down();
      }
    }
    expect(await ask(new RedisProbe())).toMatchObject({ status: 'ok' });
  });

  describe('a probe that does not answer', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('is reported as down after 1.5 s', async () => {
      const readiness = ask(
        probe('database', () => NEVER, { essential: true }),
        probe('redis', up),
      );
      await jest.advanceTimersByTimeAsync(1500);
      expect(await readiness).toEqual({
        status: 'unavailable',
        dependencies: { database: 'down', redis: 'up' },
        clock: 'ok',
      });
    });

    it('is awaited for 1.5 s', async () => {
      const answer = deferred<string>();
      const readiness = ask(probe('redis', () => answer.promise));
      await jest.advanceTimersByTimeAsync(1499);
      answer.resolve('PONG');
      expect(await readiness).toMatchObject({ status: 'ok' });
    });

    it('runs in parallel with the others', async () => {
      const readiness = ask(
        probe('redis', () => NEVER),
        probe('kafka', () => NEVER),
      );
      await jest.advanceTimersByTimeAsync(1500);
      expect(await readiness).toMatchObject({ dependencies: { redis: 'down', kafka: 'down' } });
    });

    it('causes no unhandled rejection when it fails later', async () => {
      const answer = deferred<string>();
      const readiness = ask(probe('redis', () => answer.promise));
      await jest.advanceTimersByTimeAsync(1500);
      await readiness;
      answer.reject(new Error('too late'));
      await expect(answer.promise).rejects.toThrow('too late');
    });

    it('leaves no timer when all probes have answered', async () => {
      await ask(probe('database', up), probe('redis', down));
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
