import type { BenchContext } from '../support/context.js';
import { countStoredEvents, emptyLog, waitForEmptyOutbox } from '../support/event-log.js';
import { generateLoad, type LoadResult } from '../support/load.js';
import { ONLINE_USERS_KEY, putUsersOnline } from '../support/online-users.js';
import { BYTES_PER_MIB, format, print } from '../support/output.js';
import { verdict, type Memory } from '../support/results.js';
import { measureConsumption } from '../support/service-meter.js';
import { median } from '../support/statistics.js';
import { BATCHES } from './batches.js';

const MILLION = 1_000_000;
/** The number of equal spans; the second is compared with the last, because the first still warms up. */
const TENTHS = 10;
const GOAL = '< 400 MB, flat';
const MAX_BYTES = 400e6;
/** The status of overload or a slow PostgreSQL; disks of shared machines stall within ten minutes. */
const UNAVAILABLE = '503';
/** The share of refused requests that still counts as full load. */
const MAX_REFUSED = 0.001;
/** The ratio of last to second tenth that still counts as flat. */
const MAX_GROWTH = 1.1;

export async function measureMemory(context: BenchContext): Promise<Memory> {
  const { redis } = context.servers;
  const { onlineUsers } = context.scale;
  await putUsersOnline(context, onlineUsers);
  const bytes = Number(await redis.call('MEMORY', 'USAGE', ONLINE_USERS_KEY, 'SAMPLES', '0'));
  const bytesOfMillion = (bytes / onlineUsers) * MILLION;
  print(`\nMemory of a million online users in Redis: ${format(bytesOfMillion / BYTES_PER_MIB)} MiB`);
  return { redisBytesOfMillionUsers: bytesOfMillion, soak: await soak(context) };
}

/** Runs batches and heartbeats together at full speed and observes the service's memory. */
async function soak(context: BenchContext): Promise<NonNullable<Memory['soak']>> {
  const { services, serviceUrl, scale, servers } = context;
  const seconds = scale.soakSeconds;
  await emptyLog(servers);
  print(`Batches and heartbeats together for ${seconds} s`);
  const common = { url: serviceUrl, seconds, toEmptyRoute: false };
  const { result, consumption } = await measureConsumption(services, async () => {
    const results = await Promise.all([
      generateLoad({ ...common, ...BATCHES, connections: 8 }),
      generateLoad({ ...common, kind: 'heartbeat', batchSize: 1, connections: 32 }),
    ]);
    await waitForEmptyOutbox(servers);
    return results;
  });
  const acknowledged = result[0].ok * BATCHES.batchSize;
  const stored = await countStoredEvents(servers);
  if (stored < acknowledged)
    throw new Error(`${acknowledged} events were acknowledged, ${stored} are stored`);
  const { requests, refused } = checkResponses(result);
  const { mib, peakMib, dropped } = consumption;
  const tenth = Math.max(1, Math.floor(mib.length / TENTHS));
  const firstMib = median(mib.slice(tenth, 2 * tenth));
  const lastMib = median(mib.slice(-tenth));
  const met = peakMib * BYTES_PER_MIB < MAX_BYTES && lastMib <= MAX_GROWTH * firstMib;
  if (refused > 0) print(`  ${refused} of ${format(requests + refused)} requests were refused with 503`);
  print(`  ${format(firstMib)} MiB at first, ${format(lastMib)} MiB at last, ${format(peakMib)} MiB at most`);
  print(`  goal ${verdict(GOAL, met)}`);
  return { seconds, firstMib, lastMib, peakMib, requests, refused, dropped, goal: GOAL, met };
}

/** @throws Error when requests got no response, another status than 503, or 503 too often */
function checkResponses(results: readonly LoadResult[]): { requests: number; refused: number } {
  const sum = (pick: (result: LoadResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const refused = sum((result) => result.refused);
  const unavailable = sum(({ refusedByStatus }) => refusedByStatus[UNAVAILABLE] ?? 0);
  const unanswered = sum(({ errors }) => errors);
  const requests = sum(({ ok }) => ok);
  if (refused > Math.min(unavailable, MAX_REFUSED * requests) || unanswered > 0) {
    const statuses = JSON.stringify(results.map(({ refusedByStatus }) => refusedByStatus));
    throw new Error(
      `${unanswered} requests got no response; refused batches and heartbeats by status: ${statuses}`,
    );
  }
  return { requests, refused };
}
