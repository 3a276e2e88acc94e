import { describe, expect, it } from '@jest/globals';

import { loadConfiguration } from '../../../src/config/configuration.js';
import { countUsableCores } from '../../../src/config/usable-cores.js';
import { problemsOf } from './problems-of.js';

const STORES = { DATABASE_URL: 'postgresql://db.example/analytics', REDIS_HOST: 'redis.example' };

describe('WORKERS', () => {
  it('is one process by default, which needs no store', () => {
    expect(loadConfiguration({}).app.workers).toBe(1);
  });

  it('is the number of processes that share the configured stores', () => {
    expect(loadConfiguration({ ...STORES, WORKERS: '3' }).app.workers).toBe(3);
    const sentinels = { DATABASE_URL: STORES.DATABASE_URL, REDIS_SENTINELS: 'one.example' };
    expect(loadConfiguration({ ...sentinels, WORKERS: '3' }).app.workers).toBe(3);
  });

  it('is at least one for auto', () => {
    expect(loadConfiguration({ ...STORES, WORKERS: 'auto' }).app.workers).toBeGreaterThanOrEqual(1);
  });

  it.each(['2', 'auto'])('is refused as %s without stores to share', (workers) => {
    expect(problemsOf({ WORKERS: workers })).toEqual([
      expect.stringMatching(/^DATABASE_URL must be set when WORKERS is not 1, it is absent: /),
      expect.stringMatching(/^REDIS_HOST must be set when WORKERS is not 1, it is absent: /),
    ]);
  });
});

describe('the cores that a container may use', () => {
  const files =
    (texts: Readonly<Record<string, string>>) =>
    (path: string): string | null =>
      texts[path] ?? null;

  it.each([
    ['no limit', {}, 8],
    ['no limit by cgroups 2', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 8],
    ['two cores', { '/sys/fs/cgroup/cpu.max': '200000 100000\n' }, 2],
    ['one and a half, which two processes use up', { '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 2],
    ['a tenth of one', { '/sys/fs/cgroup/cpu.max': '10000 100000\n' }, 1],
    ['more than the machine has', { '/sys/fs/cgroup/cpu.max': '1600000 100000\n' }, 8],
    [
      'three cores by cgroups 1',
      {
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      3,
    ],
    [
      'no limit by cgroups 1',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
      8,
    ],
  ])('are counted with %s', (_, texts, cores) => {
    expect(countUsableCores(files(texts), 8)).toBe(cores);
  });
});
