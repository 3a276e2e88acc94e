import {
  API_VERSIONS,
  FIND_COORDINATOR,
  frameOf,
  int16,
  int32,
  METADATA,
  PRODUCE,
  Reader,
  SASL_AUTHENTICATE,
  SASL_HANDSHAKE,
  SYNC_GROUP,
} from './wire.js';

/** Limits the versions that clients are offered to those the proxy reads, below the compact encoding. */
export const HIGHEST_READ = new Map([
  [PRODUCE, 7],
  [METADATA, 8],
  [FIND_COORDINATOR, 2],
  [SYNC_GROUP, 3],
  [API_VERSIONS, 2],
]);

interface VersionRange {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/** Offers the versions that the proxy can read, and SASL when the proxy requires it. */
export function correctApiVersions(frame: Buffer, withSasl: boolean): Buffer {
  const reader = new Reader(frame, 8);
  if (reader.int16() !== 0) return frame;
  const head = reader.sinceMark();
  const ranges = Array.from({ length: reader.int32() }, (): VersionRange => {
    const [key, from, to] = [reader.int16(), reader.int16(), reader.int16()];
    return { key, from, to: Math.min(to, HIGHEST_READ.get(key) ?? to) };
  }).filter(({ key }) => key !== SASL_HANDSHAKE && key !== SASL_AUTHENTICATE);
  if (withSasl) {
    ranges.push({ key: SASL_HANDSHAKE, from: 0, to: 1 }, { key: SASL_AUTHENTICATE, from: 0, to: 1 });
  }
  return frameOf(frame.subarray(4, 8), head, apiVersions(ranges), reader.rest());
}

export function apiVersions(ranges: readonly VersionRange[]): Buffer {
  return Buffer.concat([
    int32(ranges.length),
    ...ranges.flatMap(({ key, from, to }) => [int16(key), int16(from), int16(to)]),
  ]);
}
