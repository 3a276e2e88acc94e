import { compare, type ComparisonDescription } from './comparison.js';
import type { BenchContext } from './context.js';
import { sleep } from '../../test/support/processes.js';
import { emptyLog, waitForEmptyOutbox, type BenchLog } from './event-log.js';
import { generateLoad, HEARTBEAT_USERS, type Load, type LoadResult, type RunningProgram } from './load.js';
import type { LoadCheck } from './load-checks.js';
import { EMPTY_ROUTE_LABEL, type Comparison, type Measurement } from './results.js';
import { readProcessCpu } from './server-cpu.js';
import { measureConsumption } from './service-meter.js';

/** The time after which compilation no longer slows a process down. */
const WARM_UP_SECONDS = 3;
/** Covers the wait for more records, and their publication. */
const SETTLE_MS = 1_000;

/** Compares a load on the service with the same load, or with another one, on a route that does nothing. */
export async function compareWithEmptyRoute(
  context: BenchContext,
  description: Pick<ComparisonDescription, 'id' | 'work' | 'goal'> &
    Partial<Pick<ComparisonDescription, 'limitedBy' | 'unit'>>,
  {
    load,
    check,
    limit = load,
    countsPublished = false,
  }: {
    readonly load: Load;
    readonly check: LoadCheck;
    readonly limit?: Load;
    /** Counts only what was published of what was answered. */
    readonly countsPublished?: boolean;
  },
): Promise<Comparison> {
  await warmUp(context, load);
  await warmUp(context, limit, { toEmptyRoute: true });
  return compare(
    context,
    { limitedBy: EMPTY_ROUTE_LABEL, unit: 'requests/s', ...description },
    {
      reset: () => emptyLog(context.servers),
      measureLimit: () => measureEmptyRoute(context, limit),
      measureService: async () => {
        const measurement = await measureService(context, load, check);
        return countsPublished ? withoutDropped(measurement) : measurement;
      },
    },
  );
}

/** Warms up each service by itself with the same load, so that each process has verified every repeated token. */
export async function warmUp(
  {
    services,
    emptyRouteUrl,
    scale,
  }: Pick<BenchContext, 'emptyRouteUrl' | 'scale'> & {
    readonly services: readonly { readonly url: string }[];
  },
  load: Load,
  { toEmptyRoute = false, processes = 1 } = {},
): Promise<void> {
  for (const url of toEmptyRoute ? [emptyRouteUrl] : services.map((service) => service.url)) {
    await generateLoad({
      ...load,
      url,
      seconds: Math.min(WARM_UP_SECONDS, scale.seconds),
      ...(load.kind === 'heartbeat' && { requests: 2 * processes * HEARTBEAT_USERS }),
      toEmptyRoute,
    });
  }
}

/** Measures the rate of responses, and the CPU time until the deferred work of the load is done. */
export async function measureService(
  { services, serviceUrl, servers, scale }: BenchContext,
  load: Load,
  check: LoadCheck,
): Promise<Measurement> {
  const expectStored = await check();
  const { result, consumption } = await measureConsumption(services, async () => {
    const loadResult = await generateLoad({
      ...load,
      url: serviceUrl,
      seconds: scale.seconds,
      toEmptyRoute: false,
    });
    await settle(servers);
    return loadResult;
  });
  const measurement = toMeasurement(result, load);
  await expectStored(result.ok);
  const { cpuSeconds, peakMib, dropped } = consumption;
  const cpuMicroseconds = (cpuSeconds * 1e6) / (result.ok * load.batchSize);
  return { ...measurement, cpuMicroseconds, cpuSeconds, peakMib, dropped };
}

/** Leaves out what the service answered and did not publish, of the rate and of the CPU time of each. */
function withoutDropped(measurement: Measurement): Measurement {
  const { value, cpuMicroseconds = 0, cpuSeconds = 0, dropped = 0 } = measurement;
  const answered = (cpuSeconds * 1e6) / cpuMicroseconds;
  const share = (answered - dropped) / answered;
  return { ...measurement, value: value * share, cpuMicroseconds: cpuMicroseconds / share };
}

async function measureEmptyRoute({ emptyRouteUrl, scale }: BenchContext, load: Load): Promise<Measurement> {
  const spec = { ...load, url: emptyRouteUrl, seconds: scale.seconds, toEmptyRoute: true };
  return toMeasurement(await generateLoad(spec), load);
}

/** Waits until what was acknowledged is published. */
async function settle(log: BenchLog): Promise<void> {
  await waitForEmptyOutbox(log);
  await sleep(SETTLE_MS);
}

/** Measures the empty route as a process: its rate, and its CPU time. */
export async function measureEmptyProgram(
  { scale }: Pick<BenchContext, 'scale'>,
  { url, pid }: Pick<RunningProgram, 'url' | 'pid'>,
  load: Load,
): Promise<Measurement> {
  const before = await readProcessCpu(pid);
  const result = await generateLoad({ ...load, url, seconds: scale.seconds, toEmptyRoute: true });
  return withCpu(result, load, (await readProcessCpu(pid)) - before);
}

/** Measures the floor as the service is measured: its rate, its CPU time until all is published, and what it stored. */
export async function measureFloor(
  { scale, servers }: Pick<BenchContext, 'scale' | 'servers'>,
  { url, pid }: Pick<RunningProgram, 'url' | 'pid'>,
  load: Load,
  check: LoadCheck,
): Promise<Measurement> {
  const expectStored = await check();
  const before = await readProcessCpu(pid);
  const result = await generateLoad({ ...load, url, seconds: scale.seconds, toEmptyRoute: false });
  await settle({ owner: servers.floorOwner });
  const measurement = withCpu(result, load, (await readProcessCpu(pid)) - before);
  await expectStored(result.ok);
  return measurement;
}

function withCpu(result: LoadResult, load: Load, cpuMicroseconds: number): Measurement {
  const measurement = toMeasurement(result, load);
  return { ...measurement, cpuMicroseconds: cpuMicroseconds / (result.ok * load.batchSize) };
}

function toMeasurement(result: LoadResult, { batchSize, kind }: Load): Measurement {
  // Back-pressure answers a gateway with 503; only what is acknowledged counts.
  const expected = kind === 'gateway' ? (result.refusedByStatus['503'] ?? 0) : 0;
  if (result.ok === 0 || result.refused > expected || result.errors > 0) {
    throw new Error(
      `${result.ok} requests succeeded, ${result.refused} were refused, ${result.errors} got no response`,
    );
  }
  return {
    value: (result.ok * batchSize) / result.seconds,
    latency: { p50Ms: result.p50Ms, p99Ms: result.p99Ms },
    generatorLoad: result.generatorCpuSeconds / result.seconds,
  };
}
