import type { LiveEvent } from '../../../application/queries/watch-figures/watch-figures.query.js';
import type { StreamEnd } from '../../../shared/metrics/live-metrics.js';

/** A comment, which clients ignore; without any bytes a proxy would end the connection. */
export const HEARTBEAT_FRAME = Buffer.from(':\n\n');

const encoded = new WeakMap<LiveEvent, Buffer>();

/** Encodes an event once for all watchers (HTML Standard, 9.2.5). JSON has no line breaks. */
export function frameOf(event: LiveEvent): Buffer {
  let frame = encoded.get(event);
  if (frame === undefined) {
    // Gives readings alone an id: a watcher that returns is sent the rest anyway.
    const id = event.name === 'online' ? `id: ${event.tick}\n` : '';
    frame = Buffer.from(`${id}event: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`);
    encoded.set(event, frame);
  }
  return frame;
}

/** Tells the client why its stream ends and, by the reason, whether to connect again. */
export function endFrame(reason: StreamEnd): Buffer {
  return Buffer.from(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
}

/** @param retryMs wait of the client before it connects again */
export function retryFrame(retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\n\n`);
}

/** Returns the tick of a `Last-Event-ID` of ours, and null for any other. */
export function parseTick(lastEventId: string | undefined): number | null {
  return lastEventId !== undefined && /^\d{1,12}$/.test(lastEventId) ? Number(lastEventId) : null;
}
