import { format, say, type BenchContext } from '../support/context.js';
import { generateLoad } from '../support/load.js';
import { verdict, type Memory } from '../support/results.js';
import { meter } from '../support/service-meter.js';
import { median } from '../support/statistics.js';
import { emptyLog, outboxEmptied, storedEvents } from '../support/stored.js';
import { BATCHES, putOnline } from './requests.js';

const MILLION = 1_000_000;
const MIB = 1024 * 1024;
/** Of the samples, those of the second and of the last tenth are compared: the first is still warming up. */
const TENTHS = 10;
const GOAL = '< 400 MB, flat';
const MAX_BYTES = 400e6;
/** Too much at once, or PostgreSQL does not answer in time: over ten minutes, disks of shared machines stall. */
const UNAVAILABLE = '503';
/** Of all requests; with more, the service would rest and not work. */
const MAX_REFUSED = 0.001;
/** Last / second tenth. */
const MAX_GROWTH = 1.1;

export async function measureMemory(context: BenchContext): Promise<Memory> {
  const { redis } = context.servers;
  await putOnline(context, context.extent.onlineUsers);
  const bytes = Number(await redis.call('MEMORY', 'USAGE', 'presence:online_users', 'SAMPLES', '0'));
  const ofMillion = (bytes / context.extent.onlineUsers) * MILLION;
  say(`\nMemory of a million online users in Redis: ${format(ofMillion / MIB)} MiB`);
  return { redisBytesOfMillionUsers: ofMillion, soak: await soak(context) };
}

/** Batches and heartbeats at once, as fast as they are answered. */
async function soak(context: BenchContext): Promise<NonNullable<Memory['soak']>> {
  const { services, serviceUrl, extent, servers } = context;
  const seconds = extent.soakSeconds;
  await emptyLog(servers);
  say(`Batches and heartbeats together for ${seconds} s`);
  const common = { url: serviceUrl, seconds, toEmptyRoute: false };
  const { result, consumption } = await meter(services, async () => {
    const results = await Promise.all([
      generateLoad({ ...common, ...BATCHES, connections: 8 }),
      generateLoad({ ...common, kind: 'heartbeat', batchSize: 1, connections: 32 }),
    ]);
    await outboxEmptied(servers);
    return results;
  });
  const [batches] = result;
  const answered = batches.ok * BATCHES.batchSize;
  const stored = await storedEvents(servers);
  if (stored < answered) throw new Error(`${answered} events were answered for, ${stored} are stored`);
  const refused = result.reduce((sum, one) => sum + one.refused, 0);
  const unavailable = result.reduce(
    (sum, { refusedByStatus }) => sum + (refusedByStatus[UNAVAILABLE] ?? 0),
    0,
  );
  const unanswered = result.reduce((sum, { errors }) => sum + errors, 0);
  const requests = result.reduce((sum, { ok }) => sum + ok, 0);
  if (refused > Math.min(unavailable, MAX_REFUSED * requests) || unanswered > 0) {
    const statuses = JSON.stringify(result.map(({ refusedByStatus }) => refusedByStatus));
    throw new Error(`${unanswered} requests had no answer; batches and heartbeats refused: ${statuses}`);
  }
  const { mib, peakMib, dropped } = consumption;
  const tenth = Math.max(1, Math.floor(mib.length / TENTHS));
  const firstMib = median(mib.slice(tenth, 2 * tenth));
  const lastMib = median(mib.slice(-tenth));
  const met = peakMib * MIB < MAX_BYTES && lastMib <= MAX_GROWTH * firstMib;
  if (refused > 0) say(`  ${refused} of ${format(requests + refused)} requests were refused with 503`);
  say(`  ${format(firstMib)} MiB at first, ${format(lastMib)} MiB at last, ${format(peakMib)} MiB at most`);
  say(`  goal ${verdict(GOAL, met)}`);
  return { seconds, firstMib, lastMib, peakMib, requests, refused, dropped, goal: GOAL, met };
}
