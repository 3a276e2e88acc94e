import { workerData } from 'node:worker_threads';

// Adds up by how much the timers of this thread are late: it is idle, so only the machine can delay it.
const TICK_MS = 50;
const lateMs = new Int32Array(workerData);
let beforeMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  Atomics.add(lateMs, 0, Math.max(0, Math.round(nowMs - beforeMs - TICK_MS)));
  beforeMs = nowMs;
}, TICK_MS);
