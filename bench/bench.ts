/**
 * `npm run bench -- [--quick] [--only=batches,single,…] [--replicas=2] [--rounds=3] [--seconds=10] [--profile=DIR]`:
 * what the service does, beside what the machine can do, in one run. Brings its own PostgreSQL (durable) and Redis.
 *
 * The whole run takes about an hour, by the sum of its parts, and 15 GB of disk for a while. It writes `bench/results/`, and
 * the tables and pictures of `docs/performance.md`. `--quick` shows in a minute that all of it works; its figures mean nothing.
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
import type { Comparison, Growth, Memory, Results, Storage } from './support/results.js';
import { compareDauQuery } from './scenarios/dau-query.js';
import { growthOfIngest } from './scenarios/growth.js';
import { measureMemory } from './scenarios/memory.js';
import {
  compareBatches,
  compareHeartbeats,
  compareHeartbeatsWithNewTokens,
  compareOnlineCounts,
  compareSingleEvents,
} from './scenarios/requests.js';
import { compareRollups } from './scenarios/rollup.js';

type Measure = (context: BenchContext) => Promise<void>;

const PARTS = ['batches', 'single', 'heartbeats', 'online', 'dau', 'memory', 'rollup', 'growth'] as const;
const MEASURE: Readonly<Record<(typeof PARTS)[number], Measure>> = {
  batches: async (context) => void comparisons.push(await compareBatches(context)),
  single: async (context) => void comparisons.push(await compareSingleEvents(context)),
  heartbeats: async (context) => {
    comparisons.push(await compareHeartbeats(context));
    comparisons.push(await compareHeartbeatsWithNewTokens(context));
  },
  online: async (context) => void comparisons.push(...(await compareOnlineCounts(context))),
  dau: async (context) => void comparisons.push(await compareDauQuery(context)),
  memory: async (context) => {
    memory = await measureMemory(context);
  },
  rollup: async (context) => {
    const rollups = await compareRollups(context);
    comparisons.push(...rollups.comparisons);
    growth.push(rollups.growth);
    storage = rollups.storage;
  },
  growth: async (context) => void growth.push(await growthOfIngest(context)),
};
const RESULTS = new URL('./results/', import.meta.url);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
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
const parts: readonly string[] = values.only?.split(',') ?? PARTS;
const unknown = parts.filter((part) => !PARTS.some((known) => known === part));
if (unknown.length > 0 || !(replicas >= 1) || !(extent.rounds >= 1) || !(extent.seconds >= 1)) {
  console.error(`Not understood. --only takes some of ${PARTS.join()}; numbers are 1 or more.`);
  process.exit(2);
}

Logger.overrideLogger(['warn', 'error']);
const startedAt = new Date();
const comparisons: Comparison[] = [];
const growth: Growth[] = [];
let memory: Memory = {};
let storage: Storage | null = null;
const results = await run();
if (values.quick) {
  // As far as nothing is written.
  say(renderResults([results]));
  drawRatios(results.comparisons);
  drawGrowth(results.growth);
} else if (values.only === undefined && replicas === 1) {
  await updatePerformancePage([results]);
  say('\ndocs/performance.md has the tables and the pictures of this run');
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
  const versions = await versionsOf(servers);
  let latest = toResults(versions);
  for (const part of PARTS.filter((known) => parts.includes(known))) {
    await MEASURE[part](context);
    latest = toResults(versions);
    // After each part: an hour's work is not lost to the last minute.
    if (!values.quick) save(latest);
  }
  return latest;
}

function toResults(versions: Results['versions']): Results {
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
    versions,
    comparisons,
    growth,
    memory,
    storage,
  };
}

function save(latest: Results): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${latest.startedAt.slice(0, 16).replace(':', '')}Z${replicas > 1 ? `-replicas-${replicas}` : ''}.json`;
  writeFileSync(new URL(name, RESULTS), `${JSON.stringify(latest, null, 2)}\n`);
  say(`  (bench/results/${name})`);
}

async function versionsOf({ owner, redis }: BenchServers): Promise<Record<string, string>> {
  const { rows } = await owner.query<{ server_version: string }>('SHOW server_version');
  return {
    Node: process.versions.node,
    PostgreSQL: rows[0]?.server_version.split(' ')[0] ?? 'unknown',
    Redis: /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown',
  };
}
