import type { Compress } from '../ports/http.js';

/** Returns gzip by `CompressionStream`, null where the device has none, such as React Native. */
export function streamCompression(): Compress | null {
  if (typeof CompressionStream === 'undefined') return null;
  return async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
}
