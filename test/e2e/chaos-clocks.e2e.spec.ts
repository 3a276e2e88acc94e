import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import type { FaultTargets } from '../../tools/chaos/nemesis/fault-action.js';
import { ACTIONS } from '../../tools/chaos/nemesis/nemesis.js';
import { Replica } from '../../tools/chaos/stage/replica.js';
import { Deployment } from '../support/deployment.js';
import { request } from '../support/http.js';
import { freePort, waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const HOUR_SECONDS = 3_600;
const TOLERANCE_SECONDS = 5;
/** A replica compares its clock with that of Redis every ten seconds. */
const COMPARED_WITHIN_MS = 30_000;

let deployment: Deployment;
let directory: string;
let replicas: Replica[];

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  directory = mkdtempSync(join(tmpdir(), 'chaos-clocks-'));
  const ports = [await freePort(), await freePort()];
  replicas = ports.map(
    (port, index) =>
      new Replica({
        ...{ index, port, settings: deployment.settings, programs: ['src/main.js'] },
        clockFile: join(directory, `clock-${index}`),
        saveLog: () => undefined,
        onExit: () => undefined,
        elapsedMs: () => performance.now(),
      }),
  );
  await Promise.all(replicas.map((replica) => replica.start()));
});

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  rmSync(directory, { recursive: true });
  await deployment.remove();
});

describe('the faults of clocks in a chaos run', () => {
  it('move the clock that a replica reports by an hour, each way, until they are healed', async () => {
    await waitForOffsets(0, 0);
    const context = { stage: { replicas } as unknown as FaultTargets, durationMs: 0 };
    const heals = [
      await ACTIONS['clock.ahead']({ ...context, replica: 0 }),
      await ACTIONS['clock.behind']({ ...context, replica: 1 }),
    ];
    await waitForOffsets(HOUR_SECONDS, -HOUR_SECONDS);
    for (const heal of heals) await heal();
    await expect(waitForOffsets(0, 0)).resolves.toBeUndefined();
  });
});

async function waitForOffsets(...expected: readonly number[]): Promise<void> {
  for (const [index, seconds] of expected.entries())
    await waitFor(
      async () => Math.abs((await readOffset(replicas[index]!)) - seconds) < TOLERANCE_SECONDS,
      COMPARED_WITHIN_MS,
      { what: `replica ${index} reports an offset of ${seconds} s`, intervalMs: 200 },
    );
}

async function readOffset({ url }: Replica): Promise<number> {
  const { text } = await request(`${url}/metrics`);
  return Number(/^analytics_clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
}
