import { request } from '../../test/support/http.js';
import type { Service } from '../../test/support/service.js';

const SAMPLE_EVERY_MS = 500;
const MIB = 1024 * 1024;

export interface Consumption {
  readonly cpuSeconds: number;
  readonly peakMib: number;
  /** Resident memory, every half second. */
  readonly mib: readonly number[];
}

/** What services cost while some work is done, by their own metrics. */
export async function meter<T>(
  services: readonly Service[],
  work: () => Promise<T>,
): Promise<{ result: T; consumption: Consumption }> {
  const before = await read(services);
  const mib = [before.mib];
  const timer = setInterval(() => {
    read(services).then(
      (now) => mib.push(now.mib),
      () => undefined, // too busy to say so: the next sample
    );
  }, SAMPLE_EVERY_MS);
  try {
    const result = await work();
    const after = await read(services);
    mib.push(after.mib);
    const consumption = { cpuSeconds: after.cpuSeconds - before.cpuSeconds, peakMib: Math.max(...mib), mib };
    return { result, consumption };
  } finally {
    clearInterval(timer);
  }
}

/** Sum of the CPU time of all; memory of the largest. */
async function read(services: readonly Service[]): Promise<{ cpuSeconds: number; mib: number }> {
  const texts = await Promise.all(services.map(async ({ url }) => (await request(`${url}/metrics`)).text));
  const value = (text: string, name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    cpuSeconds: texts.reduce((sum, text) => sum + value(text, 'process_cpu_seconds_total'), 0),
    mib: Math.max(...texts.map((text) => value(text, 'process_resident_memory_bytes') / MIB)),
  };
}
