import { createRequire } from 'node:module';

import { describe, expect, it } from '@jest/globals';

import {
  encodeRecord,
  useFastRecords,
  type RecordEncoder,
  type RecordFields,
} from '../../../../src/infrastructure/kafka/kafkajs-records.js';

const require = createRequire(import.meta.url);
const MODULE = 'kafkajs/src/protocol/recordBatch/record/v0';
const encodeByKafkajs = require(MODULE) as RecordEncoder;

/** Lengths around the ends of one-byte and two-byte varints, for texts and for whole records. */
const LENGTHS = [
  0, 1, 20, 21, 22, 40, 63, 64, 65, 127, 128, 2_730, 2_731, 4_095, 4_096, 8_191, 8_192, 70_000,
];
const TEXTS = LENGTHS.flatMap((length) => ['a', 'é', '龍', '🙂'].map((unit) => unit.repeat(length)));

const HEADERS = {
  'event-id': '019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55',
  'event-type': 'presence.heartbeat.received',
  'content-type': 'application/json',
};

const RECORDS: readonly RecordFields[] = [
  {},
  { key: null, value: null },
  { key: '', value: '', headers: {} },
  ...TEXTS.map((value, offsetDelta) => ({ offsetDelta, key: 'key', value, headers: HEADERS })),
  ...TEXTS.map((key) => ({ key, value: Buffer.from(key) })),
  ...TEXTS.map((text) => ({
    key: null,
    value: 'value',
    headers: { [text]: 'x', x: text, bytes: Buffer.from(text) },
  })),
  ...[0, 63, 64, 8_191, 8_192, 1_000_000].map((offsetDelta) => ({ offsetDelta, key: 'key', value: 'value' })),
];

const hex = ({ buffer }: { readonly buffer: Buffer }): string => buffer.toString('hex');

describe('the encoder of records', () => {
  it('writes the bytes that kafkajs writes, for texts of any length and script', () => {
    for (const record of RECORDS) expect(encodeRecord(record)).not.toBeNull();
    expect(RECORDS.map((record) => hex(encodeRecord(record)!))).toEqual(
      RECORDS.map((record) => hex(encodeByKafkajs(record))),
    );
  });

  it('keeps the records that it has encoded while it encodes others', () => {
    const records = Array.from({ length: 2_000 }, (_, i) => ({
      offsetDelta: i,
      key: 'key',
      value: String(i).repeat(40),
    }));
    const encoded = records.map((record) => encodeRecord(record)!);
    expect(encoded.map(hex)).toEqual(records.map((record) => hex(encodeByKafkajs(record))));
  });

  it.each<[string, RecordFields]>([
    ['a time', { key: 'key', value: 'value', timestampDelta: 5 }],
    ['a list of values for a header', { value: 'value', headers: { name: ['a', 'b'] } }],
    ['a header without a value', { value: 'value', headers: { name: null } }],
    ['a number for a value', { value: 42 }],
  ])('leaves a record with %s to kafkajs', (_, record) => {
    expect(encodeRecord(record)).toBeNull();
  });

  it('is what kafkajs encodes with, and gives it what it cannot encode', () => {
    expect(useFastRecords()).toBe(true);
    const encode = require(MODULE) as RecordEncoder;
    expect(encode).not.toBe(encodeByKafkajs);
    const known = { key: 'key', value: 'value', headers: HEADERS };
    const other = { key: 'key', value: 'value', headers: { name: ['a', 'b'] }, timestampDelta: 5 };
    for (const record of [known, other]) expect(hex(encode(record))).toBe(hex(encodeByKafkajs(record)));
  });
});
