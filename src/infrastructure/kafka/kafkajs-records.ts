import { createRequire } from 'node:module';

/** Fields of a record as kafkajs passes them to its encoder. */
export interface RecordFields {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Encoded record, in the shape of kafkajs' own encoder. */
export interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

export type RecordEncoder = (record: RecordFields) => EncodedRecord;

/** Module of kafkajs 2.2.4 whose export encodes one record of format 2. */
const RECORD_MODULE = 'kafkajs/src/protocol/recordBatch/record/v0';
const ARENA_BYTES = 64 * 1024;
/** Bytes of the longest 32-bit varint. */
const MAX_VARINT_BYTES = 5;
/** UTF-8 takes at most three bytes for one unit of a string. */
const MAX_BYTES_A_UNIT = 3;
/** Lengths from here on take more than one byte, or more than two, as a zigzag varint. */
const TWO_BYTE_LENGTH = 64;
const THREE_BYTE_LENGTH = 8192;

let arena = Buffer.alloc(0);
/** Bytes of the arena that are used; encoded records are parts of it. */
let used = 0;

/**
 * Makes kafkajs encode records in one pass over one buffer. Its own encoder makes a buffer of 512 bytes for every
 * field and takes seven times the CPU: docs/adr/0009.
 *
 * @returns false when this version of kafkajs has no such module; it then encodes by itself
 */
export function useFastRecords(): boolean {
  const require = createRequire(import.meta.url);
  try {
    const path = require.resolve(RECORD_MODULE);
    const own = require(path) as RecordEncoder;
    const module = require.cache[path];
    if (module === undefined || typeof own !== 'function') return false;
    module.exports = (record: RecordFields): EncodedRecord => encodeRecord(record) ?? own(record);
    return true;
  } catch {
    return false;
  }
}

/** @returns null for a record that the services of this project do not send: with a time or a list of its own */
export function encodeRecord({
  offsetDelta = 0,
  timestampDelta = 0,
  key,
  value,
  headers = {},
}: RecordFields): EncodedRecord | null {
  const names = Object.keys(headers);
  let room = sizeBound(key) + sizeBound(value) + 4 * MAX_VARINT_BYTES;
  for (const name of names) {
    const part = headers[name];
    room += part === null || part === undefined ? NaN : sizeBound(name) + sizeBound(part);
  }
  if (timestampDelta !== 0 || Number.isNaN(room)) return null;
  if (used + room > arena.length) {
    arena = Buffer.allocUnsafeSlow(Math.max(ARENA_BYTES, room));
    used = 0;
  }
  // The length of the record stands before it, and is known behind it.
  const body = used + MAX_VARINT_BYTES;
  used = body;
  arena[used++] = 0; // attributes
  arena[used++] = 0; // difference of the time
  writeLength(offsetDelta);
  writePart(key);
  writePart(value);
  writeLength(names.length);
  for (const name of names) {
    writePart(name);
    writePart(headers[name]);
  }
  const end = used;
  const length = end - body;
  const start = body - (length < TWO_BYTE_LENGTH ? 1 : length < THREE_BYTE_LENGTH ? 2 : varintBytes(length));
  used = start;
  writeLength(length);
  used = end;
  const buffer = arena.subarray(start, end);
  return { buf: buffer, buffer };
}

/** Bounds the bytes of a part and its length; NaN for one that is neither text nor bytes. */
function sizeBound(part: unknown): number {
  if (typeof part === 'string') return MAX_VARINT_BYTES + MAX_BYTES_A_UNIT * part.length;
  if (part === null || part === undefined) return MAX_VARINT_BYTES;
  return Buffer.isBuffer(part) ? MAX_VARINT_BYTES + part.length : NaN;
}

function writePart(part: unknown): void {
  if (typeof part === 'string') writeText(part);
  else if (Buffer.isBuffer(part)) {
    writeLength(part.length);
    arena.set(part, used);
    used += part.length;
  } else writeLength(-1);
}

/** Writes most texts without counting their bytes first: the size of their length is known from their units. */
function writeText(text: string): void {
  const maxBytes = MAX_BYTES_A_UNIT * text.length;
  const isShort = maxBytes < TWO_BYTE_LENGTH;
  if (isShort || (text.length >= TWO_BYTE_LENGTH && maxBytes < THREE_BYTE_LENGTH)) {
    const at = used;
    used += isShort ? 1 : 2;
    const bytes = arena.write(text, used);
    used = at;
    writeLength(bytes);
    used += bytes;
    return;
  }
  writeLength(Buffer.byteLength(text));
  used += arena.write(text, used);
}

/** Writes a 32-bit number as a zigzag varint. */
function writeLength(value: number): void {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    arena[used++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  arena[used++] = rest;
}

function varintBytes(value: number): number {
  return Math.ceil((33 - Math.clz32(value)) / 7);
}
