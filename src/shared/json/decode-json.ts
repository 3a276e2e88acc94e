import { isUtf8 } from 'node:buffer';
import secureJson from 'secure-json-parse';
import { holdsInexactNumber, parseExactly } from '../utils/exact-json.js';

/** Removes such keys: an event with one in its properties must not fail the whole batch. */
const POISONING = { protoAction: 'remove', constructorAction: 'remove' } as const;

const BYTE_ORDER_MARK = '\ufeff';

/** The value of a JSON text, or what is wrong with the text: the end of a sentence about it. */
export type JsonVerdict = { readonly value: unknown } | { readonly problem: string };

/**
 * Decodes what clients and operators send, by the same rules for every door: UTF-8 with or without a byte order
 * mark, no keys that poison prototypes, and numbers exactly as they were written (`ExactNumber`, docs/adr/0015).
 */
export function decodeJson(bytes: Buffer): JsonVerdict {
  if (isUtf16(bytes)) return { problem: 'is UTF-16: send it in UTF-8' };
  if (!isUtf8(bytes)) return { problem: 'is not valid UTF-8: send it in UTF-8' };
  const decoded = bytes.toString();
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  if (text.trim() === '') return { problem: 'is empty: send JSON' };
  try {
    // The library would skip a second mark, which JSON does not allow.
    if (text.startsWith(BYTE_ORDER_MARK)) throw new SyntaxError('A second byte order mark');
    const value: unknown = secureJson.parse(text, POISONING);
    if (!holdsInexactNumber(bytes)) return { value };
    return { value: withoutPoison(parseExactly(text)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `is not valid JSON${positionOf(error)}: correct it` };
  }
}

/** True for bytes that begin like UTF-16: with its byte order mark, or with one zero byte of an ASCII character. */
export function isUtf16(bytes: Buffer): boolean {
  const [first, second] = [bytes[0], bytes[1]];
  return (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (first === 0 && second !== 0 && second !== undefined) ||
    (second === 0 && first !== 0 && first !== undefined)
  );
}

function withoutPoison(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? secureJson.scan(value, POISONING) : value;
}

/** Takes the position from the engine's message and repeats nothing of the text itself. */
function positionOf({ message }: SyntaxError): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  return position === undefined ? '' : `, seen at character ${Number(position) + 1}`;
}
