import { gunzipSync } from 'node:zlib';
import type { ArrivedEvent, RawRequest } from './arrival.js';

export interface ReadRequest {
  readonly bytes: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly events: readonly ArrivedEvent[];
  readonly mistake: string | null;
}

const MAX_BYTES = 1024 * 1024;

/** Decodes a request, and names the first mistake of its envelope. */
export function readRequest({ headers, body }: RawRequest, isBatch: boolean): ReadRequest {
  const mistakes: string[] = [];
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\b/.test(type)) mistakes.push(`Content-Type is "${type}", not application/json`);
  const plain = decode(headers['content-encoding'], body, mistakes);
  const value = parse(plain, mistakes);
  const list = Array.isArray(value['events']) ? (value['events'] as unknown[]) : [];
  if (isBatch && (list.length < 1 || list.length > 1000))
    mistakes.push(`the batch has ${list.length} events`);
  if (plain.length > MAX_BYTES) mistakes.push(`the body has ${plain.length} bytes`);
  return { bytes: plain.length, body: value, events: list.map(readEvent), mistake: mistakes[0] ?? null };
}

function decode(encoding: string | undefined, body: Uint8Array, mistakes: string[]): Uint8Array {
  if (encoding === undefined) return body;
  try {
    if (encoding === 'gzip') return gunzipSync(body);
  } catch {
    // The body is not what the header says.
  }
  mistakes.push(`Content-Encoding "${encoding}" is not gzip of the body`);
  return body;
}

function parse(plain: Uint8Array, mistakes: string[]): Record<string, unknown> {
  try {
    return Object(JSON.parse(Buffer.from(plain).toString('utf8'))) as Record<string, unknown>;
  } catch {
    mistakes.push('the body is no JSON');
    return {};
  }
}

function readEvent(value: unknown): ArrivedEvent {
  const fields = Object(value) as Record<string, unknown>;
  const { n } = Object(fields['properties']) as Record<string, unknown>;
  return {
    eventId: typeof fields['eventId'] === 'string' ? fields['eventId'] : '',
    n: typeof n === 'number' ? n : undefined,
    fields,
  };
}
