import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GetReadinessHandler } from '../../../../../src/application/queries/get-readiness/get-readiness.handler.js';
import type { Readiness } from '../../../../../src/application/queries/get-readiness/get-readiness.query.js';
import type { HealthProbe } from '../../../../../src/application/ports/health-probe.port.js';
import { deferred } from '../../../../support/deferred.js';

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
  return new GetReadinessHandler(probes).execute();
}

describe('GetReadinessHandler', () => {
  it('is ok when every dependency is there, each by its name', async () => {
    expect(await ask(probe('database', up, { essential: true }), probe('redis', up))).toEqual({
      status: 'ok',
      dependencies: { database: 'up', redis: 'up' },
    });
  });

  it('is ok with nothing to depend on', async () => {
    expect(await ask()).toEqual({ status: 'ok', dependencies: {} });
  });

  it('trap 7: is degraded without what the service still does its job without, as Kafka', async () => {
    expect(await ask(probe('database', up, { essential: true }), probe('kafka', down))).toEqual({
      status: 'degraded',
      dependencies: { database: 'up', kafka: 'down' },
    });
  });

  it('is unavailable without what it can do nothing without', async () => {
    expect(await ask(probe('database', down, { essential: true }), probe('redis', up))).toEqual({
      status: 'unavailable',
      dependencies: { database: 'down', redis: 'up' },
    });
  });

  it('is unavailable, and not degraded, when both kinds are away', async () => {
    expect(await ask(probe('redis', down), probe('database', down, { essential: true }))).toMatchObject({
      status: 'unavailable',
    });
  });

  it('takes a probe that throws at once for down', async () => {
    const broken = (): Promise<unknown> => {
      throw new Error('not even a promise');
    };
    expect(await ask(probe('redis', broken))).toMatchObject({ status: 'degraded' });
  });

  it('asks a probe that is an object of a class as such', async () => {
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

    it('is down after a second and a half', async () => {
      const readiness = ask(
        probe('database', () => NEVER, { essential: true }),
        probe('redis', up),
      );
      await jest.advanceTimersByTimeAsync(1500);
      expect(await readiness).toEqual({
        status: 'unavailable',
        dependencies: { database: 'down', redis: 'up' },
      });
    });

    it('is waited for until then', async () => {
      const answer = deferred<string>();
      const readiness = ask(probe('redis', () => answer.promise));
      await jest.advanceTimersByTimeAsync(1499);
      answer.resolve('PONG');
      expect(await readiness).toMatchObject({ status: 'ok' });
    });

    it('does not add its wait to that of another', async () => {
      const readiness = ask(
        probe('redis', () => NEVER),
        probe('kafka', () => NEVER),
      );
      await jest.advanceTimersByTimeAsync(1500);
      expect(await readiness).toMatchObject({ dependencies: { redis: 'down', kafka: 'down' } });
    });

    it('may still fail later, and nobody minds', async () => {
      const answer = deferred<string>();
      const readiness = ask(probe('redis', () => answer.promise));
      await jest.advanceTimersByTimeAsync(1500);
      await readiness;
      answer.reject(new Error('too late'));
      await expect(answer.promise).rejects.toThrow('too late');
    });

    it('leaves no timer behind when all have answered', async () => {
      await ask(probe('database', up), probe('redis', down));
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
