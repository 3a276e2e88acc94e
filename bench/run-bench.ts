import { resolve } from 'node:path';

import { readCommit } from '../tools/support/read-commit.js';
import { compareActives } from './scenarios/actives.js';
import { compareBatches } from './scenarios/batches.js';
import { compareDauQuery } from './scenarios/dau-query.js';
import { compareWithFloor } from './scenarios/floor.js';
import { measureIngestGrowth } from './scenarios/growth.js';
import { measureMemory } from './scenarios/memory.js';
import { compareOnlineCounts } from './scenarios/online-count.js';
import { comparePartitions } from './scenarios/partitions.js';
import {
  compareGateways,
  compareHeartbeats,
  compareHeartbeatsWithNewTokens,
  compareSingleEvents,
  compareSmallestRoute,
} from './scenarios/requests.js';
import { compareRollups } from './scenarios/rollup.js';
import { compareRateLimits, compareWorkers } from './scenarios/services.js';
import { compareWatchers } from './scenarios/watchers.js';
import { PARTS, type BenchOptions, type Part } from './support/bench-options.js';
import { startServers, type BenchServers } from './support/bench-servers.js';
import type { BenchContext } from './support/context.js';
import { startEmptyRoute, startRoundRobin, type RunningProgram } from './support/load.js';
import type { Figures } from './support/merge-runs.js';
import type { Comparison, Growth, Memory, Results, Storage } from './support/results.js';
import { saveResults } from './support/results-file.js';
import { describeMachine, readVersions } from './support/run-info.js';

/** The figures of one measurement. */
interface PartFigures {
  readonly comparisons?: readonly Comparison[];
  readonly growth?: Growth;
  readonly memory?: Memory;
  readonly storage?: Storage;
}

/** The measurements of each part, in order; a failed one skips the rest of its part. */
const MEASUREMENTS: Readonly<Record<Part, readonly ((context: BenchContext) => Promise<PartFigures>)[]>> = {
  batches: [toFigures(compareBatches)],
  single: [toFigures(compareSingleEvents)],
  heartbeats: [toFigures(compareHeartbeats), toFigures(compareHeartbeatsWithNewTokens)],
  gateways: [toFigures(compareGateways)],
  workers: [toFigures(compareWorkers)],
  limits: [toFigures(compareRateLimits)],
  online: [async (context) => ({ comparisons: await compareOnlineCounts(context) })],
  watchers: [async (context) => ({ comparisons: await compareWatchers(context) })],
  route: [toFigures(compareSmallestRoute)],
  floor: [async (context) => ({ comparisons: await compareWithFloor(context) })],
  dau: [toFigures(compareDauQuery)],
  memory: [async (context) => ({ memory: await measureMemory(context) })],
  rollup: [compareRollups],
  growth: [async (context) => ({ growth: await measureIngestGrowth(context) })],
  partitions: [async (context) => ({ comparisons: await comparePartitions(context) })],
  actives: [compareActives],
};

function toFigures(
  compareOne: (context: BenchContext) => Promise<Comparison>,
): (context: BenchContext) => Promise<PartFigures> {
  return async (context) => ({ comparisons: [await compareOne(context)] });
}

/** Starts all servers, measures the requested parts and stops the servers. */
export async function runBench(options: BenchOptions): Promise<Results> {
  const startedAt = new Date();
  const { replicas, profile, scale } = options;
  const servers = await startServers(profile === undefined ? undefined : resolve(profile));
  try {
    const times = Array.from({ length: replicas });
    const services = await Promise.all(times.map(() => servers.startService()));
    const emptyRoutes = await Promise.all(times.map(() => startEmptyRoute()));
    const balancers = replicas > 1 ? await Promise.all([services, emptyRoutes].map(startBalancer)) : [];
    const [service, emptyRoute] = replicas > 1 ? balancers : [services[0], emptyRoutes[0]];
    try {
      const context: BenchContext = {
        servers,
        services,
        serviceUrl: service?.url ?? '',
        emptyRouteUrl: emptyRoute?.url ?? '',
        scale,
      };
      return await measureParts(context, options, startedAt);
    } finally {
      await Promise.all([...balancers, ...emptyRoutes, ...services].map((each) => each.stop()));
    }
  } finally {
    await servers.stop();
  }
}

function startBalancer(targets: readonly { readonly url: string }[]): Promise<RunningProgram> {
  return startRoundRobin(targets.map(({ url }) => url));
}

/** Measures part after part. A failed part does not stop the others, and each part's results are saved at once. */
async function measureParts(context: BenchContext, options: BenchOptions, startedAt: Date): Promise<Results> {
  const facts = await readFacts(context.servers, options, startedAt);
  const figures: PartFigures[] = [];
  const failures: { part: string; reason: string }[] = [];
  const collect = (): Results => {
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
    return { ...facts, seconds, failures, ...combineFigures(figures) };
  };
  for (const part of PARTS.filter((known) => options.parts.includes(known))) {
    try {
      for (const measure of MEASUREMENTS[part]) figures.push(await measure(context));
    } catch (error) {
      failures.push({ part, reason: error instanceof Error ? error.message : String(error) });
      console.error(`\nThe part ${part} has failed:`, error);
    }
    if (!options.isQuick) saveResults(collect());
  }
  return collect();
}

async function readFacts(
  servers: BenchServers,
  { isQuick, scale, parts, replicas }: BenchOptions,
  startedAt: Date,
): Promise<Omit<Results, 'seconds' | 'failures' | keyof Figures>> {
  const commit = readCommit();
  return {
    startedAt: startedAt.toISOString(),
    isQuick,
    rounds: scale.rounds,
    secondsOfARound: scale.seconds,
    parts,
    replicas,
    ...(commit !== undefined && { commit }),
    machine: describeMachine(),
    versions: await readVersions(servers),
    durability: servers.durability,
  };
}

function combineFigures(figures: readonly PartFigures[]): Figures {
  return {
    comparisons: figures.flatMap(({ comparisons = [] }) => comparisons),
    growth: figures.flatMap(({ growth = [] }) => growth),
    memory: figures.find(({ memory }) => memory !== undefined)?.memory ?? {},
    storage: figures.find(({ storage }) => storage !== undefined)?.storage ?? null,
  };
}
