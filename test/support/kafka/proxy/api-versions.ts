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
  varint,
} from './wire.js';

/** The first version in the compact encoding. */
const COMPACT_API_VERSIONS = 3;

/** Limits the versions that clients are offered to those the proxy reads. */
export const HIGHEST_READ = new Map([
  [PRODUCE, 7],
  [METADATA, 9],
  [FIND_COORDINATOR, 2],
  [SYNC_GROUP, 3],
  [API_VERSIONS, COMPACT_API_VERSIONS],
]);

interface VersionRange {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Offers the versions that the proxy can read, and SASL when the proxy requires it or leaves it to the broker.
 *
 * @param sasl who requires a login
 */
export function correctApiVersions(
  frame: Buffer,
  version: number,
  sasl: 'proxy' | 'broker' | 'nobody',
): Buffer {
  const isCompact = version >= COMPACT_API_VERSIONS;
  const reader = new Reader(frame, 8);
  // A refused version is answered in the form of version 0.
  if (reader.int16() !== 0) return frame;
  const head = reader.sinceMark();
  const count = isCompact ? reader.varint() - 1 : reader.int32();
  const ranges = Array.from({ length: count }, (): VersionRange => {
    const [key, from, to] = [reader.int16(), reader.int16(), reader.int16()];
    if (isCompact) reader.skipTags();
    return { key, from, to: Math.min(to, HIGHEST_READ.get(key) ?? to) };
  }).filter(({ key }) => sasl === 'broker' || (key !== SASL_HANDSHAKE && key !== SASL_AUTHENTICATE));
  if (sasl === 'proxy') {
    ranges.push({ key: SASL_HANDSHAKE, from: 0, to: 1 }, { key: SASL_AUTHENTICATE, from: 0, to: 1 });
  }
  return frameOf(
    frame.subarray(4, 8),
    head,
    isCompact ? compactApiVersions(ranges) : apiVersions(ranges),
    reader.rest(),
  );
}

function compactApiVersions(ranges: readonly VersionRange[]): Buffer {
  const noTags = varint(0);
  return Buffer.concat([
    varint(ranges.length + 1),
    ...ranges.flatMap(({ key, from, to }) => [int16(key), int16(from), int16(to), noTags]),
  ]);
}

export function apiVersions(ranges: readonly VersionRange[]): Buffer {
  return Buffer.concat([
    int32(ranges.length),
    ...ranges.flatMap(({ key, from, to }) => [int16(key), int16(from), int16(to)]),
  ]);
}
