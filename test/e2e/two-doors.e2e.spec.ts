import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { nowSeconds } from '../support/events.js';
import { request, type Answer } from '../support/http.js';
import { temporaryDirectory } from '../support/processes.js';
import { runBuilt, type ProgramResult, type Service } from '../support/service.js';

const IMPORT = 'src/cli/events-import.js';
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

jest.setTimeout(60_000);

/** A text of JSON that holds one event, and what may stand around a line or a body. */
interface Text {
  readonly name: string;
  readonly before?: Buffer;
  readonly event: (eventId: string) => Buffer;
  readonly after?: Buffer;
  /** Properties as they are stored, in the text form of jsonb. */
  readonly stored?: string | null;
  /** Code of the rejection of the event. */
  readonly code?: string;
}

const withFields = (fields: string) => (eventId: string) =>
  Buffer.from(
    `{"eventName":"page_view","installId":"install-of-doors","clientTs":${nowSeconds()},"eventId":"${eventId}"${fields}}`,
  );
const withProperties = (json: string) => withFields(`,"properties":${json}`);
const raw = (text: string) => () => Buffer.from(text);

/** Puts bytes that are no text in the place of `@`. */
const withBytes = (bytes: readonly number[]) => (eventId: string) => {
  const [head = '', tail = ''] = withProperties('{"a":"@"}')(eventId).toString().split('@');
  return Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
};

const ACCEPTED: readonly Text[] = [
  {
    name: 'a byte order mark',
    before: BYTE_ORDER_MARK,
    event: withProperties('{"a": 1}'),
    stored: '{"a": 1}',
  },
  {
    name: 'blanks around it',
    before: Buffer.from(' \t'),
    event: withFields(''),
    after: Buffer.from(' \t'),
    stored: null,
  },
  { name: 'an end of CRLF', event: withFields(''), after: Buffer.from('\r'), stored: null },
  {
    name: 'a line separator in a text',
    event: withProperties('{"a":"x\u2028y"}'),
    stored: '{"a": "x\u2028y"}',
  },
  {
    name: 'an escaped pair of surrogates',
    event: withProperties('{"a":"\\ud83d\\ude00"}'),
    stored: '{"a": "😀"}',
  },
  { name: 'a key twice', event: withProperties('{"a":1,"a":2}'), stored: '{"a": 2}' },
  { name: 'keys of the prototype', event: withProperties('{"__proto__":{"b":1},"a":1}'), stored: '{"a": 1}' },
  {
    name: 'an escaped key of the prototype',
    event: withProperties('{"\\u005f_proto__":1,"a":1}'),
    stored: '{"a": 1}',
  },
  {
    name: 'a poisonous constructor',
    event: withProperties('{"constructor":{"prototype":1},"a":1}'),
    stored: '{"a": 1}',
  },
  {
    name: 'a number of 19 digits',
    event: withProperties('{"a":1524831183200260097}'),
    stored: '{"a": 1524831183200260097}',
  },
  {
    name: 'a number deep inside',
    event: withProperties('{"a":[{"b":[-9007199254740993]}]}'),
    stored: '{"a": [{"b": [-9007199254740993]}]}',
  },
  {
    name: 'a long fraction',
    event: withProperties('{"a":0.1234567890123456789012}'),
    stored: '{"a": 0.1234567890123456789012}',
  },
  {
    name: 'a number beside a poisonous key',
    event: withProperties('{"__proto__":{"b":1},"a":123456789012345678901234567890}'),
    stored: '{"a": 123456789012345678901234567890}',
  },
  {
    name: 'a number with an exponent',
    event: withProperties('{"a":12345678901234567891e-5}'),
    stored: '{"a": 123456789012345.67891}',
  },
  {
    name: 'a number of a thousand digits',
    event: withProperties(`{"a":0.${'7'.repeat(998)}}`),
    stored: `{"a": 0.${'7'.repeat(998)}}`,
  },
  { name: 'zero below zero', event: withProperties('{"a":-0}'), stored: '{"a": 0}' },
  {
    name: 'a time with nanoseconds',
    event: withFields(`,"clientTs":${Math.floor(nowSeconds())}.123456789012345678`),
    stored: null,
  },
  {
    name: 'an unknown field of many levels',
    event: withFields(`,"b":${'['.repeat(9_000)}1e400${']'.repeat(9_000)}`),
    stored: null,
  },
];

const REJECTED: readonly Text[] = [
  { name: 'an escaped NUL', event: withProperties('{"a":"\\u0000"}'), code: 'properties_invalid' },
  { name: 'a lone surrogate', event: withProperties('{"a":"\\ud83d"}'), code: 'properties_invalid' },
  {
    name: 'a lone surrogate beside a large number',
    event: withProperties('{"a":"\\ud83d","b":9007199254740993}'),
    code: 'properties_invalid',
  },
  { name: 'a number beyond doubles', event: withProperties('{"a":1e400}'), code: 'properties_invalid' },
  { name: 'a number next to zero', event: withProperties('{"a":{"b":1e-400}}'), code: 'properties_invalid' },
  {
    name: 'a number beyond PostgreSQL',
    event: withProperties('{"a":1e999999999}'),
    code: 'properties_invalid',
  },
  {
    name: 'a number of 1001 digits',
    event: withProperties(`{"a":${'7'.repeat(1001)}}`),
    code: 'properties_invalid',
  },
  {
    name: 'seventeen levels',
    event: withProperties(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`),
    code: 'properties_invalid',
  },
  {
    name: 'many levels around a large number',
    event: withProperties(`{"a":${'['.repeat(9_000)}9007199254740993${']'.repeat(9_000)}}`),
    code: 'properties_invalid',
  },
  {
    name: 'a large number as properties',
    event: withProperties('9007199254740993'),
    code: 'properties_invalid',
  },
  {
    name: 'a large number as user',
    event: withFields(',"userId":9007199254740993'),
    code: 'user_id_invalid',
  },
  {
    name: 'a large number as install',
    event: withFields(',"installId":1524831183200260097'),
    code: 'install_id_invalid',
  },
  { name: 'a constant install', event: withFields(',"installId":"undefined"'), code: 'install_id_constant' },
  { name: 'an infinite time', event: withFields(',"clientTs":1e400'), code: 'client_ts_invalid' },
  { name: 'an event in an array', event: raw('[]'), code: 'event_invalid' },
  { name: 'no event', event: raw('null'), code: 'event_invalid' },
  { name: 'a large number as event', event: raw('9007199254740993'), code: 'event_invalid' },
];

const MALFORMED: readonly Text[] = [
  { name: 'bytes that are not UTF-8', event: withBytes([0xe7, 0x9c]) },
  { name: 'surrogates as UTF-8', event: withBytes([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]) },
  { name: 'an overlong NUL', event: withBytes([0xc0, 0x80]) },
  { name: 'a raw NUL', event: withBytes([0]) },
  { name: 'a raw control character', event: withBytes([0x1b]) },
  { name: 'a comma at the end of an object', event: withFields(',') },
  { name: 'a comma behind it', event: withFields(''), after: Buffer.from(',') },
  { name: 'NaN', event: withProperties('{"a":NaN}') },
  { name: 'a number with a leading zero', event: withProperties('{"a":01524831183200260097}') },
  { name: 'a number with a plus sign', event: withProperties('{"a":+1}') },
  { name: 'a comment', event: withFields('/* */') },
  { name: 'single quotes', event: raw("{'eventName':'page_view'}") },
  { name: 'an end that is missing', event: raw('{"eventName":') },
  {
    name: 'two byte order marks',
    before: Buffer.concat([BYTE_ORDER_MARK, BYTE_ORDER_MARK]),
    event: withFields(''),
  },
];

let directory: string;
let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  directory = temporaryDirectory('two-doors');
  deployment = await Deployment.create();
  service = await deployment.start();
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await deployment.remove();
});

function send(body: Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return request(`${service.url}/analytics/events`, { method: 'POST', headers, body });
}

function sendText({ before, event, after }: Text, eventId: string): Promise<Answer> {
  const parts = [before, Buffer.from('{"events":['), event(eventId), Buffer.from(']}'), after];
  return send(Buffer.concat(parts.filter((part) => part !== undefined)));
}

function importBytes(name: string, bytes: Buffer): Promise<ProgramResult> {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return runBuilt(IMPORT, [file], deployment.settings);
}

/** Imports the texts as lines, and returns the reason of each rejected line. */
async function importTexts(texts: readonly Text[], ids: readonly string[]): Promise<Map<number, string>> {
  const lines = texts.flatMap(({ before, event, after }, i) => [
    before,
    event(ids[i]!),
    after,
    Buffer.from('\n'),
  ]);
  const bytes = Buffer.concat(lines.filter((line) => line !== undefined));
  const { output } = await importBytes('lines.jsonl', bytes);
  const reasons = [...output.matchAll(/^line (\d+): (.+)$/gm)];
  return new Map(reasons.map(([, line, reason = '']) => [Number(line), reason]));
}

async function storedProperties(eventIds: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await deployment.stored.rows(
    'SELECT event_id, properties::text AS properties FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])',
    [eventIds],
  );
  return new Map(rows.map((row) => [row['event_id'] as string, row['properties'] as string | null]));
}

const newIds = (texts: readonly Text[]): string[] => texts.map(() => randomUUID());

describe('a request and an import', () => {
  it('accept the same texts and store the same of them', async () => {
    const [sent, imported] = [newIds(ACCEPTED), newIds(ACCEPTED)];
    for (const [i, text] of ACCEPTED.entries()) {
      const { body } = await sendText(text, sent[i]!);
      expect({ name: text.name, body }).toEqual({
        name: text.name,
        body: { accepted: 1, duplicates: 0, failed: 0 },
      });
    }
    expect(await importTexts(ACCEPTED, imported)).toEqual(new Map());
    const stored = await storedProperties([...sent, ...imported]);
    const expected = ACCEPTED.map(({ name, stored: properties }) => [name, properties, properties]);
    expect(ACCEPTED.map(({ name }, i) => [name, stored.get(sent[i]!), stored.get(imported[i]!)])).toEqual(
      expected,
    );
  });

  it('reject the same events for the same reasons', async () => {
    const reasons = await importTexts(REJECTED, newIds(REJECTED));
    for (const [i, text] of REJECTED.entries()) {
      const { body } = await sendText(text, randomUUID());
      expect({ name: text.name, body }).toMatchObject({
        name: text.name,
        body: { failed: 1, rejected: [{ code: text.code, message: reasons.get(i + 1) }] },
      });
    }
  });

  it('refuse the same malformed texts', async () => {
    const reasons = await importTexts(MALFORMED, newIds(MALFORMED));
    for (const [i, text] of MALFORMED.entries()) {
      const { body } = await sendText(text, randomUUID());
      const [, reason] = /^The line (is not valid (?:UTF-8|JSON))/.exec(reasons.get(i + 1) ?? '') ?? [];
      expect({ name: text.name, reason }).toEqual({ name: text.name, reason: expect.any(String) as unknown });
      expect({ name: text.name, body }).toMatchObject({
        name: text.name,
        body: { code: 'request_malformed', detail: expect.stringContaining(`The body ${reason}`) as unknown },
      });
    }
  });

  it('give an event without an id that differs in a late digit another id', async () => {
    const line = (digit: number): string =>
      `{"eventName":"page_view","installId":"install-of-digits","clientTs":1541390400,"properties":{"a":152483118320026009${digit}}}`;
    const { output } = await importBytes('digits.jsonl', Buffer.from(`${line(1)}\n${line(2)}\n${line(1)}`));
    expect(output).toContain('3 lines: 2 accepted, 1 duplicates, 0 rejected');
  });

  it('tell a sender of UTF-16 to send UTF-8', async () => {
    const text = withFields('')(randomUUID()).toString();
    for (const bytes of [Buffer.from(`\ufeff${text}\n`, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]) {
      expect((await send(bytes)).body).toMatchObject({
        code: 'request_malformed',
        detail: 'The body is UTF-16: send it in UTF-8',
      });
      const { exitCode, output } = await importBytes('utf16.jsonl', bytes);
      expect(exitCode).toBe(1);
      expect(output).toContain('it is UTF-16; convert it to UTF-8');
    }
  });

  it('read all members of a compressed text', async () => {
    const ids = [randomUUID(), randomUUID()];
    const lines = ids.map((id) => gzipSync(Buffer.concat([withFields('')(id), Buffer.from('\n')])));
    // The name says nothing of compression.
    expect(await importBytes('members.jsonl', Buffer.concat(lines))).toMatchObject({ exitCode: 0 });
    const sent = randomUUID();
    const body = ['{"events":[', withFields('')(sent), ']}'].map((part) => gzipSync(part));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await request(`${service.url}/analytics/events`, {
      method: 'POST',
      headers,
      body: Buffer.concat(body),
    });
    expect(answer.body).toMatchObject({ accepted: 1 });
    expect((await storedProperties([...ids, sent])).size).toBe(3);
  });
});
