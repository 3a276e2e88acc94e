import { Gauge } from 'prom-client';
import { BUILD } from '../../config/build.js';
import { metricsRegistry } from './metrics.js';

export const buildInfo = new Gauge({
  name: 'analytics_build_info',
  help: 'Always 1; the labels say what runs',
  labelNames: ['version', 'node'] as const,
  registers: [metricsRegistry],
});
buildInfo.set({ version: BUILD.version, node: BUILD.node }, 1);
