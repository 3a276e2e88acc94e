import { readFile, writeFile } from 'node:fs/promises';

import { request } from '../../test/support/http.js';
import { sleep } from '../../test/support/processes.js';
import type { Service } from '../../test/support/service.js';

const SAMPLE_EVERY_MS = 500;
const MIB = 1024 * 1024;
/** Makes Linux forget a process's highest memory so far; see proc_pid_clear_refs(5). */
const RESET_PEAK = '5';

export interface Consumption {
  readonly cpuSeconds: number;
  readonly peakMib: number;
  /** Resident memory, about every half second. */
  readonly mib: readonly number[];
  /** Heartbeat events that were not published. */
  readonly dropped: number;
}

interface Reading {
  readonly cpuSeconds: number;
  readonly mib: number;
  readonly dropped: number;
}

/** What services cost while some work is done, by their own metrics, and by the kernel where it keeps the peak. */
export async function meter<T>(
  services: readonly Service[],
  work: () => Promise<T>,
): Promise<{ result: T; consumption: Consumption }> {
  const before = await read(services);
  const isPeakKept = await forgetPeaks(services);
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
  const after = await read(services);
  mib.push(after.mib);
  const consumption = {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMib: Math.max(...(isPeakKept ? await peaksMib(services) : mib)),
    mib,
    dropped: after.dropped - before.dropped,
  };
  return { result, consumption };
}

async function sample(services: readonly Service[], mib: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(SAMPLE_EVERY_MS);
    try {
      mib.push((await read(services)).mib);
    } catch {
      // too busy to say so: the next sample
    }
  }
}

/** Sums over all; memory of the largest. */
async function read(services: readonly Service[]): Promise<Reading> {
  const texts = await Promise.all(services.map(async ({ url }) => (await request(`${url}/metrics`)).text));
  const values = (name: string): number[] =>
    texts.map((text) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]));
  const sum = (name: string): number => values(name).reduce((total, value) => total + value, 0);
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    mib: Math.max(...values('process_resident_memory_bytes')) / MIB,
    dropped: sum('analytics_publisher_dropped_total'),
  };
}

/** @returns whether the kernel will know the peaks from now on; else they would be those since the start */
async function forgetPeaks(services: readonly Service[]): Promise<boolean> {
  try {
    await Promise.all(services.map(({ pid }) => writeFile(`/proc/${pid}/clear_refs`, RESET_PEAK)));
    await peaksMib(services);
    return true;
  } catch {
    return false;
  }
}

async function peaksMib(services: readonly Service[]): Promise<number[]> {
  return Promise.all(
    services.map(async ({ pid }) => {
      const kib = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
      if (kib === undefined) throw new Error('The kernel keeps no peak');
      return Number(kib) / 1024;
    }),
  );
}
