/**
 * `npm run bench -- [--quick] [--only=batches,single,…] [--replicas=2] [--rounds=3] [--seconds=10] [--profile=DIR]`:
 * what the service does, beside what the machine can do, in one run. Brings its own PostgreSQL (durable) and Redis.
 *
 * The whole run takes some 40 minutes, and 20 GB of disk for a while. It writes `bench/results/`, and, unless an option has
 * changed what is measured, the tables and pictures of `docs/performance.md`. `--quick` shows in a minute or two that all of it works; its figures
 * mean nothing. A part that fails does not cost the others; the exit code is 1 then.
 *
 * `npm run bench -- --from=bench/results/A.json,bench/results/B.json`: measures nothing, and makes tables and pictures of
 * these runs; where two measured the same, the later file counts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { Logger } from '@nestjs/common';

import { startServers, type BenchServers } from './support/bench-servers.js';
import { drawGrowth, drawRatios } from './support/chart.js';
import { say, type BenchContext, type Extent } from './support/context.js';
import { startEmptyRoute, startRoundRobin, type Listening } from './support/load.js';
import { renderResults, updatePerformancePage } from './support/performance-page.js';
import type { Comparison, Growth, Memory, Results, Storage } from './support/results.js';
import { commit, machine, versionsOf } from './support/run-info.js';
import { compareDauQuery } from './scenarios/dau-query.js';
import { growthOfIngest } from './scenarios/growth.js';
import { measureMemory } from './scenarios/memory.js';
import {
  compareBatches,
  compareHeartbeats,
  compareHeartbeatsWithNewTokens,
  compareOnlineCounts,
  compareSingleEvents,
  compareSmallestRoute,
} from './scenarios/requests.js';
import { compareRollups } from './scenarios/rollup.js';

type Measure = (context: BenchContext) => Promise<void>;

const PARTS = [
  'batches',
  'single',
  'heartbeats',
  'online',
  'route',
  'dau',
  'memory',
  'rollup',
  'growth',
] as const;
const MEASURE: Readonly<Record<(typeof PARTS)[number], Measure>> = {
  batches: async (context) => void comparisons.push(await compareBatches(context)),
  single: async (context) => void comparisons.push(await compareSingleEvents(context)),
  heartbeats: async (context) => {
    comparisons.push(await compareHeartbeats(context));
    comparisons.push(await compareHeartbeatsWithNewTokens(context));
  },
  online: async (context) => void comparisons.push(...(await compareOnlineCounts(context))),
  route: async (context) => void comparisons.push(await compareSmallestRoute(context)),
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
    from: { type: 'string' },
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
const isUnderstood =
  parts.every((part) => PARTS.some((known) => known === part)) &&
  [values.replicas, values.rounds ?? '1', values.seconds ?? '1'].every((text) => /^[1-9]\d*$/.test(text));
if (!isUnderstood) {
  console.error(`Not understood. --only takes some of ${PARTS.join()}; numbers are whole, 1 or more.`);
  process.exit(2);
}

/** What the page shows: every part, as it is meant to be measured. */
const isWhole =
  replicas === 1 &&
  [values.only, values.rounds, values.seconds, values.profile].every((value) => value === undefined);

Logger.overrideLogger(['warn', 'error']);
const startedAt = new Date();
const comparisons: Comparison[] = [];
const growth: Growth[] = [];
const failures: { part: string; reason: string }[] = [];
let memory: Memory = {};
let storage: Storage | null = null;

if (values.from === undefined) await tell(await run());
else {
  const files = values.from.split(',');
  await updatePerformancePage(files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Results));
  say(`docs/performance.md has the tables and the pictures of ${files.join(' and ')}`);
}

async function tell(results: Results): Promise<void> {
  if (values.quick) {
    // As far as nothing is written.
    say(renderResults([results]));
    drawRatios(results.comparisons);
    drawGrowth(results.growth);
  } else if (isWhole && failures.length === 0) {
    await updatePerformancePage([results]);
    say('\ndocs/performance.md has the tables and the pictures of this run');
  }
  if (failures.length === 0) return;
  process.exitCode = 1;
  for (const { part, reason } of failures) console.error(`\nNot measured: ${part}: ${reason}`);
  console.error(
    `Measure it with --only=${failures.map(({ part }) => part).join()}, and make the page --from both results.`,
  );
}

async function run(): Promise<Results> {
  const servers = await startServers(values.profile === undefined ? undefined : resolve(values.profile));
  try {
    const times = Array.from({ length: replicas });
    const services = await Promise.all(times.map(() => servers.startService()));
    const emptyRoutes = await Promise.all(times.map(() => startEmptyRoute()));
    const balancers = replicas > 1 ? await Promise.all([services, emptyRoutes].map(balance)) : [];
    const [service, emptyRoute] = replicas > 1 ? balancers : [services[0], emptyRoutes[0]];
    try {
      return await measure({
        servers,
        services,
        serviceUrl: service?.url ?? '',
        emptyRouteUrl: emptyRoute?.url ?? '',
        extent,
      });
    } finally {
      await Promise.all([...balancers, ...emptyRoutes, ...services].map((each) => each.stop()));
    }
  } finally {
    await servers.stop();
  }
}

function balance(targets: readonly { readonly url: string }[]): Promise<Listening> {
  return startRoundRobin(targets.map(({ url }) => url));
}

async function measure(context: BenchContext): Promise<Results> {
  const facts = await factsOf(context.servers);
  let latest = resultsOf(facts);
  for (const part of PARTS.filter((known) => parts.includes(known))) {
    try {
      await MEASURE[part](context);
    } catch (error) {
      failures.push({ part, reason: error instanceof Error ? error.message : String(error) });
      console.error(`\nThe part ${part} has failed:`, error);
    }
    latest = resultsOf(facts);
    // After each part: an hour's work is not lost to the last minute.
    if (!values.quick) save(latest);
  }
  return latest;
}

type Facts = Omit<Results, 'seconds' | 'failures' | 'comparisons' | 'growth' | 'memory' | 'storage'>;

async function factsOf(servers: BenchServers): Promise<Facts> {
  const measured = commit();
  return {
    startedAt: startedAt.toISOString(),
    isQuick: values.quick,
    rounds: extent.rounds,
    secondsOfARound: extent.seconds,
    parts,
    replicas,
    ...(measured !== undefined && { commit: measured }),
    machine: machine(),
    versions: await versionsOf(servers),
    durability: servers.durability,
  };
}

function resultsOf(facts: Facts): Results {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  return { ...facts, seconds, failures, comparisons, growth, memory, storage };
}

function save(latest: Results): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${latest.startedAt.slice(0, 16).replace(':', '')}Z${replicas > 1 ? `-replicas-${replicas}` : ''}.json`;
  writeFileSync(new URL(name, RESULTS), `${JSON.stringify(latest, null, 2)}\n`);
  say(`  (bench/results/${name})`);
}
