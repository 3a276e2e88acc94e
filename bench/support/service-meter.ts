import { readFile, writeFile } from 'node:fs/promises';

import { request } from '../../test/support/http.js';
import { sleep } from '../../test/support/processes.js';
import type { Service } from '../../test/support/service.js';
import { BYTES_PER_MIB } from './output.js';

const SAMPLE_EVERY_MS = 500;
/** Resets a process's peak memory on Linux; see proc_pid_clear_refs(5). */
const RESET_PEAK = '5';

export interface Consumption {
  readonly cpuSeconds: number;
  readonly peakMib: number;
  /** Samples of resident memory, about every half second. */
  readonly mib: readonly number[];
  /** Heartbeat events that the service dropped instead of publishing them. */
  readonly dropped: number;
}

interface Reading {
  readonly cpuSeconds: number;
  readonly mib: number;
  readonly dropped: number;
}

/** Measures the services' CPU and memory during `work`, by their metrics and the kernel's peak where available. */
export async function measureConsumption<T>(
  services: readonly Service[],
  work: () => Promise<T>,
): Promise<{ result: T; consumption: Consumption }> {
  const before = await readMetrics(services);
  const hasPeaks = await resetPeaks(services);
  const mib = [before.mib];
  const done = new AbortController();
  const sampling = sample(services, mib, done.signal);
  let result: T;
  try {
    result = await work();
  } finally {
    done.abort();
    await sampling;
  }
  const after = await readMetrics(services);
  mib.push(after.mib);
  const consumption = {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMib: Math.max(...(hasPeaks ? await readPeaksMib(services) : mib)),
    mib,
    dropped: after.dropped - before.dropped,
  };
  return { result, consumption };
}

async function sample(services: readonly Service[], mib: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(SAMPLE_EVERY_MS);
    try {
      mib.push((await readMetrics(services)).mib);
    } catch {
      // A busy service may miss a sample; the next one follows.
    }
  }
}

/** Reads the sums over all services, and the memory of the largest. */
async function readMetrics(services: readonly Service[]): Promise<Reading> {
  const texts = await Promise.all(services.map(async ({ url }) => (await request(`${url}/metrics`)).text));
  const values = (name: string): number[] =>
    texts.map((text) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]));
  const sum = (name: string): number => values(name).reduce((total, value) => total + value, 0);
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    mib: Math.max(...values('process_resident_memory_bytes')) / BYTES_PER_MIB,
    dropped: sum('analytics_publisher_dropped_total'),
  };
}

/** @returns false when the kernel cannot reset the peaks, which then date from the process's start */
export async function resetPeaks(services: readonly { readonly pid: number }[]): Promise<boolean> {
  try {
    await Promise.all(services.map(({ pid }) => writeFile(`/proc/${pid}/clear_refs`, RESET_PEAK)));
    await readPeaksMib(services);
    return true;
  } catch {
    return false;
  }
}

export async function readPeaksMib(services: readonly { readonly pid: number }[]): Promise<number[]> {
  return Promise.all(
    services.map(async ({ pid }) => {
      const kib = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
      if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmHWM`);
      return Number(kib) / 1024;
    }),
  );
}
