import { Counter, Gauge } from 'prom-client';
import { BUILD } from '../../config/build.js';
import { metricsRegistry } from './metrics.js';
import { WORKER_HANGS, WORKER_RESTARTS } from './worker-restarts.js';

export const buildInfo = new Gauge({
  name: 'analytics_build_info',
  help: 'Always 1; the labels say what runs',
  labelNames: ['version', 'node'] as const,
  aggregator: 'first',
  registers: [metricsRegistry],
});
/** Counts processes when it is added up over the workers of a service. */
export const workers = new Gauge({
  name: 'analytics_workers',
  help: 'Processes that serve the port',
  registers: [metricsRegistry],
});
workers.set(1);

/** Stay 0 in each worker: the primary process counts. */
export const workerRestartsTotal = new Counter({ ...WORKER_RESTARTS, registers: [metricsRegistry] });
export const workerHangsTotal = new Counter({ ...WORKER_HANGS, registers: [metricsRegistry] });

buildInfo.set({ version: BUILD.version, node: BUILD.node }, 1);
