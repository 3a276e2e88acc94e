import { Counter, Gauge } from 'prom-client';
import { metricsRegistry } from './metrics.js';

const registers = [metricsRegistry];

/** Ends of a stream; `shutdown` and `rotated` are followed by a new connection of the same watcher. */
export const STREAM_ENDS = ['client', 'rotated', 'token_expired', 'slow', 'shutdown'] as const;
export type StreamEnd = (typeof STREAM_ENDS)[number];

export const liveWatchers = new Gauge({
  name: 'analytics_live_watchers',
  help: 'Open streams of GET /live in this process',
  registers,
});

export const liveStreamsEndedTotal = new Counter({
  name: 'analytics_live_streams_ended_total',
  help: 'Streams that ended: client (left), rotated (lifetime over), token_expired, slow (did not read), shutdown',
  labelNames: ['reason'] as const,
  registers,
});

export const liveStreamsRefusedTotal = new Counter({
  name: 'analytics_live_streams_refused_total',
  help: 'Streams refused by a limit: address or process',
  labelNames: ['by'] as const,
  registers,
});

for (const reason of STREAM_ENDS) liveStreamsEndedTotal.inc({ reason }, 0);
for (const by of ['address', 'process']) liveStreamsRefusedTotal.inc({ by }, 0);
