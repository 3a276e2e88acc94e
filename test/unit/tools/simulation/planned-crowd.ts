import type { PlanContext } from '../../../../tools/simulation/planning/device-plan.js';
import { planDevice } from '../../../../tools/simulation/planning/device-planner.js';

export const CONTEXT: PlanContext = { seed: '1', runId: 'plan', durationMs: 60_000, speed: 4, loss: 0.06 };

/** The plans of 2,000 devices, enough for every rare case to occur. */
export const crowd = Array.from({ length: 2_000 }, (_, index) => planDevice(CONTEXT, index));
export const batches = crowd.flatMap((device) => device.batches.map((batch) => ({ device, batch })));
