import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { PRODUCTION, problemsInProduction, problemsOf } from './problems-of.js';

const SENTINELS = { REDIS_SENTINELS: 'one,two:26380' };

describe('the addresses of Redis', () => {
  it.each<[string, { host: string; port: number }[]]>([
    ['redis', [{ host: 'redis', port: 6400 }]],
    ['redis:6380', [{ host: 'redis', port: 6380 }]],
    ['10.0.0.1', [{ host: '10.0.0.1', port: 6400 }]],
    ['::1', [{ host: '::1', port: 6400 }]],
    ['[fe80::1]:7000', [{ host: 'fe80::1', port: 7000 }]],
  ])('are read from %s', (text, addresses) => {
    expect(loadConfiguration({ REDIS_HOST: text, REDIS_PORT: '6400' }).redis).toMatchObject({ addresses });
  });

  it('are several nodes of a cluster', () => {
    const redis = loadConfiguration({ REDIS_HOST: 'a, b:7001,[::1]:7002', REDIS_CLUSTER: 'true' }).redis;
    expect(redis?.addresses).toEqual([
      { host: 'a', port: 6379 },
      { host: 'b', port: 7001 },
      { host: '::1', port: 7002 },
    ]);
  });

  it('are one server without a cluster', () => {
    expect(problemsOf({ REDIS_HOST: 'a,b' })).toEqual([
      'REDIS_HOST must name one server unless REDIS_CLUSTER is true, it names 2: name one, or set REDIS_CLUSTER=true',
    ]);
  });

  it('are those of Sentinels instead, also in production', () => {
    const { REDIS_HOST: _, ...environment } = PRODUCTION;
    expect(
      loadConfiguration({ ...environment, ...SENTINELS, REDIS_SENTINEL_MASTER: 'presence' }).redis,
    ).toMatchObject({
      addresses: [],
      sentinel: {
        addresses: [
          { host: 'one', port: 26379 },
          { host: 'two', port: 26380 },
        ],
        masterName: 'presence',
        password: null,
      },
    });
  });

  it.each([
    [{ ...SENTINELS, REDIS_HOST: 'redis' }, 'REDIS_HOST and REDIS_SENTINELS exclude each other'],
    [{ ...SENTINELS, REDIS_CLUSTER: 'true' }, 'REDIS_CLUSTER and REDIS_SENTINELS exclude each other'],
    [{ REDIS_SENTINEL_PASSWORD: 'secret' }, 'REDIS_SENTINEL_PASSWORD: without effect unless REDIS_SENTINELS'],
    [
      { REDIS_HOST: 'a', REDIS_CLUSTER: 'true', REDIS_DB: '3' },
      'REDIS_DB must be 0 on a Redis Cluster, it is 3',
    ],
    [{ REDIS_HOST: 'a', REDIS_USERNAME: 'analytics' }, 'REDIS_USERNAME needs REDIS_PASSWORD'],
  ])('are refused when they contradict each other: %j', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining(problem)]);
  });

  it('are still demanded in production, where neither is set', () => {
    expect(problemsInProduction({ REDIS_HOST: undefined })).toEqual([
      expect.stringMatching(/^REDIS_HOST must be set/),
    ]);
  });
});

describe('the presence shards', () => {
  it.each([
    [{ REDIS_HOST: 'a' }, 1],
    [SENTINELS, 1],
    [{ REDIS_HOST: 'a', REDIS_CLUSTER: 'true' }, 256],
    [{ REDIS_HOST: 'a', REDIS_CLUSTER: 'true', REDIS_PRESENCE_SHARDS: '12' }, 12],
  ])('of %j are %i', (environment, shards) => {
    expect(loadConfiguration(environment).redis?.presenceShards).toBe(shards);
  });
});

describe('TLS to Redis', () => {
  it('is off unless it is set', () => {
    expect(loadConfiguration({ REDIS_HOST: 'a' }).redis?.tls).toBeNull();
    expect(loadConfiguration({ REDIS_HOST: 'a', REDIS_TLS: 'true' }).redis?.tls).toEqual({});
  });
});
