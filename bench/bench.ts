/**
 * `npm run bench -- [--quick] [--only=batches,single,…] [--replicas=2] [--rounds=3] [--seconds=10] [--profile=DIR]`:
 * what the service does, beside what the machine can do, in one run. Brings its own PostgreSQL (durable) and Redis.
 *
 * The whole run takes about 40 minutes and 15 GB of disk for a while, and writes `bench/results/` and the tables and the
 * picture of `docs/performance.md`. `--quick` shows in a minute that all of it works; its figures mean nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { Logger } from '@nestjs/common';

import { startServers, type BenchServers } from './support/bench-servers.js';
import { say, type BenchContext, type Extent } from './support/context.js';
import { startEmptyRoute, startRoundRobin } from './support/load.js';
import { drawGrowth, drawRatios } from './support/chart.js';
import { renderResults, updatePerformancePage } from './support/performance-page.js';
import type { Comparison, Growth, Memory, Results } from './support/results.js';
import { compareDauQuery } from './scenarios/dau-query.js';
import { growthOfIngest } from './scenarios/growth.js';
import { measureMemory } from './scenarios/memory.js';
import {
  compareBatches,
  compareHeartbeats,
  compareOnlineCounts,
  compareSingleEvents,
} from './scenarios/requests.js';
import { compareRollups } from './scenarios/rollup.js';

const PARTS = ['batches', 'single', 'heartbeats', 'online', 'dau', 'memory', 'rollup', 'growth'] as const;
const RESULTS = new URL('./results/', import.meta.url);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    replicas: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    profile: { type: 'string' },
  },
});
const whole: Extent = {
  rounds: 3,
  seconds: 10,
  dayEvents: 10_000_000,
  onlineUsers: 1_000_000,
  soakSeconds: 600,
};
const quick: Extent = { rounds: 1, seconds: 1, dayEvents: 10_000, onlineUsers: 10_000, soakSeconds: 2 };
const extent: Extent = {
  ...(values.quick ? quick : whole),
  ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
  ...(values.seconds !== undefined && { seconds: Number(values.seconds) }),
};
const replicas = Number(values.replicas);
const parts = values.only.split(',');
const unknown = parts.filter((part) => !PARTS.some((known) => known === part));
if (unknown.length > 0 || !(replicas >= 1) || !(extent.rounds >= 1) || !(extent.seconds >= 1)) {
  console.error(`Not understood. --only takes some of ${PARTS.join()}; numbers are 1 or more.`);
  process.exit(2);
}

Logger.overrideLogger(['warn', 'error']);
const startedAt = new Date();
const results = await run();
if (values.quick) {
  // As far as nothing is written.
  say(renderResults(results));
  drawRatios(results);
  drawGrowth(results.growth);
} else {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${results.startedAt.slice(0, 16).replace(':', '')}Z${replicas > 1 ? `-replicas-${replicas}` : ''}.json`;
  writeFileSync(new URL(name, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  say(`\nWritten to bench/results/${name}`);
  if (parts.length === PARTS.length && replicas === 1) {
    await updatePerformancePage(results);
    say('docs/performance.md has the tables and the picture of this run');
  }
}

async function run(): Promise<Results> {
  const servers = await startServers(values.profile === undefined ? undefined : resolve(values.profile));
  try {
    const services = await Promise.all(Array.from({ length: replicas }, () => servers.startService()));
    const emptyRoute = await startEmptyRoute();
    const balancer = replicas > 1 ? await startRoundRobin(services.map(({ url }) => url)) : null;
    try {
      return await measure(servers, {
        servers,
        services,
        serviceUrl: balancer?.url ?? services[0]?.url ?? '',
        emptyRouteUrl: emptyRoute.url,
        extent,
      });
    } finally {
      await balancer?.stop();
      await emptyRoute.stop();
      await Promise.all(services.map((service) => service.stop()));
    }
  } finally {
    await servers.stop();
  }
}

async function measure(servers: BenchServers, context: BenchContext): Promise<Results> {
  const comparisons: Comparison[] = [];
  const growth: Growth[] = [];
  let memory: Memory = {};
  if (parts.includes('batches')) comparisons.push(await compareBatches(context));
  if (parts.includes('single')) comparisons.push(await compareSingleEvents(context));
  if (parts.includes('heartbeats')) comparisons.push(await compareHeartbeats(context));
  if (parts.includes('online')) comparisons.push(...(await compareOnlineCounts(context)));
  if (parts.includes('dau')) comparisons.push(await compareDauQuery(context));
  if (parts.includes('memory')) memory = await measureMemory(context);
  if (parts.includes('rollup')) {
    const rollups = await compareRollups(context);
    comparisons.push(...rollups.comparisons);
    growth.push(rollups.growth);
  }
  if (parts.includes('growth')) growth.push(await growthOfIngest(context));
  return {
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    isQuick: values.quick,
    rounds: extent.rounds,
    replicas,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / 1024 ** 3),
      platform: `${platform()} ${release()}`,
    },
    versions: await versionsOf(servers),
    comparisons,
    growth,
    memory,
  };
}

async function versionsOf({ owner, redis }: BenchServers): Promise<Record<string, string>> {
  const { rows } = await owner.query<{ server_version: string }>('SHOW server_version');
  return {
    Node: process.versions.node,
    PostgreSQL: rows[0]?.server_version.split(' ')[0] ?? 'unknown',
    Redis: /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown',
  };
}
