import { request, signToken } from '../../test/support/http.js';
import { sleep } from '../../test/support/processes.js';
import { Watchers } from './watchers.js';

/** The period of the figures; each window holds the same number of them. */
const PERIOD_SECONDS = 5;
const MS_PER_SECOND = 1_000;

export interface WatcherCpu {
  /** Milliseconds of CPU a second, of all processes together. */
  readonly without: number;
  readonly beside: number;
}

/** Measures the CPU of processes without watchers, and beside `count` of them, who are connected before. */
export async function measureWatcherCpu(
  urls: readonly string[],
  count: number,
  seconds: number,
): Promise<WatcherCpu> {
  const without = await cpuOf(urls, seconds);
  const watchers = await Watchers.open(urls, count, signToken({ userId: '1' }));
  try {
    // The rest of the connecting belongs to no window.
    await sleep(PERIOD_SECONDS * MS_PER_SECOND);
    const before = watchers.received;
    const beside = await cpuOf(urls, seconds);
    const least = count * (Math.floor(seconds / PERIOD_SECONDS) - 1);
    if (watchers.received - before < least)
      throw new Error(
        `${count} watchers received ${watchers.received - before} events, not ${least} or more`,
      );
    return { without, beside };
  } finally {
    watchers.close();
  }
}

/** Returns milliseconds of CPU a second in a window of whole periods. */
async function cpuOf(urls: readonly string[], seconds: number): Promise<number> {
  const window = Math.ceil(seconds / PERIOD_SECONDS) * PERIOD_SECONDS;
  const before = await readCpuSeconds(urls);
  await sleep(window * MS_PER_SECOND);
  return (((await readCpuSeconds(urls)) - before) * MS_PER_SECOND) / window;
}

async function readCpuSeconds(urls: readonly string[]): Promise<number> {
  const texts = await Promise.all(urls.map(async (url) => (await request(`${url}/metrics`)).text));
  return texts.reduce((sum, text) => sum + Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]), 0);
}
