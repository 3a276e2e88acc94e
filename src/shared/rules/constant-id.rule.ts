import { normalizeText } from '../utils/text.util.js';

/** Characters around and between the digits of an id: `{…}` of Windows, `02:00:…`, `<null>`, quotes. */
const SEPARATORS = /[\s\-_:.,;/\\|{}()[\]<>"'`=@]+/g;
const PUNCTUATION_ALONE = /^[\p{P}\p{Sm}\p{Sc}\p{Sk}\p{Z}\p{C}]+$/u;
const DIGIT = /\d/;

/** Words for "no value" and names of fields, in any order: `undefined`, `(null)`, `device-null`, `N/A`, `installId`. */
const NO_VALUE =
  /^(?:undefined|null|nil|none|nan|infinity|true|false|void|empty|blank|unknown|unavailable|anonymous|invalid|default|not|available|set|found|initiali[sz]ed|permitted|na|no|optional|ns|object|promise|window|android|ios|iphone|ipad|harmony|device|phone|install|installation|instance|app|client|user|serial|unique|advertising|vendor|identifier|emulator|simulator|uuid|guid|imei|meid|mac|idfa|idfv|gaid|aaid|oaid|udid|address|id)+$/;

/** Objects printed instead of their id, and templates that nobody filled in. */
const PRINTED_OBJECT = /^\[object [^\]]*\]$|^instance of '|^promise \{|^system\.[a-z.]+(?:`\d+)?(?:\[.*\])?$/;
const UNFILLED_TEMPLATE = /^\$[{(].*[})]$|^\{\{.*\}\}$|^%[\w@]*%?$|^%![a-z]\(|^<%.*%>$/;

/** One character where no id consists of it: blanked-out ids, a digit as long as an IMEI, a template of UUIDs. */
const REPEATED = /^(?:([0f*?#])\1{7,}|([1-9])\2{11,}|x{12}[1-8x]x{3}[xy]x{15})$/;

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
const UUID_IN_ANY_CASE = /^[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}$/;
/** One character alone, the version and the variant aside: also what a random generator makes that is stuck. */
const REPEATED_IN_UUID = /^(.)\1{7}-\1{4}-.\1{3}-.\1{3}-\1{12}$/;

/** Ids that broken devices and emulators share, without separators. */
const KNOWN_DEVICES: ReadonlySet<string> = new Set([
  '9774d56d682e549c', // ANDROID_ID of Android 2.2 on many devices, and of its emulator
  'dead00beef', // ANDROID_ID of some firmwares
  '020000000000', // the MAC address that Android and iOS show to apps
  '0123456789abcdef', // serial number of boards without one
  '123456789abcdef',
  '1234567890abcdef',
  '0123456789abcdef0123456789abcdef',
  '00112233445566778899aabbccddeeff',
  '012345678912345', // IMEIs of cloned phones
  '012345678901234',
  '123456789012345',
  '1234567890123456',
  '004999010640000',
  '004400152020000',
]);
/** The MAC addresses of absent hardware, written without leading zeros. */
const SHORT_MAC = /^0?[02](?:[:-]0){5}$/;
const DEVICE_PREFIX = /^(?:android|ios|device|install|serial|imei|mac|id)+/;

/** UUIDs of documentation, which are copied into apps. */
const EXAMPLE_UUIDS: ReadonlySet<string> = new Set([
  '123e4567-e89b-12d3-a456-426614174000',
  '123e4567-e89b-12d3-a456-426655440000',
  '550e8400-e29b-41d4-a716-446655440000',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d',
  '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
  '12345678-1234-1234-1234-123456789012',
  '12345678-1234-1234-1234-123456789abc',
  '12345678-1234-5678-1234-567812345678',
]);

/** Texts whose hashes apps take for ids, because the id that they hash was absent. A test recomputes the starts. */
export const HASHED_CONSTANTS = [
  '',
  'null',
  'undefined',
  'unknown',
  '9774d56d682e549c',
  '02:00:00:00:00:00',
  '000000000000000',
  '00000000-0000-0000-0000-000000000000',
] as const;
const HASH_LENGTHS: ReadonlySet<number> = new Set([32, 40, 64]);
const HASH_START_LENGTH = 12;
/** Starts of their MD5 (as hex or as UUID of version 3), SHA-1 and SHA-256. */
const HASH_STARTS: ReadonlySet<string> = new Set([
  'd41d8cd98f00',
  'da39a3ee5e6b',
  'e3b0c44298fc',
  '37a6259cc0c1',
  '2be88ca4242c',
  '74234e98afe7',
  '5e543256c480',
  'd5d4cd07616a',
  'eb045d78d273',
  'ad921d604863',
  '50d8b4a941c2',
  'b23a6a8439c0',
  'cf95dc53f383',
  '41e29575c736',
  '4d853cd5e7d6',
  '0f607264fc63',
  'c1976429369b',
  'c248c629af1f',
  '5284047f4ffb',
  'c02c705e9858',
  '14bdcd6fd641',
  '9f89c84a559f',
  'b602d594afd2',
  '12b9377cbe7e',
]);

/** Shorter starts, which few other ids share: they spare most ids the longer look-up. */
const UUID_STARTS: ReadonlySet<string> = new Set([...HASH_STARTS].map((start) => start.slice(0, 8)));

/** True for the text of any UUID, in either case. */
export function isUuidText(text: string): boolean {
  return UUID_IN_ANY_CASE.test(text);
}

/** True for the id of no single device or installation: a placeholder, a constant, or the hash of one. */
export function isConstantId(id: string): boolean {
  // Invisible characters and full-width letters must not hide a constant.
  const plain = normalizeText(id.normalize('NFKC'));
  if (plain === '') return id !== '';
  const lower = plain.toLowerCase();
  if (UUID.test(lower)) return isConstantUuidOfDevice(lower);
  const digits = lower.replace(SEPARATORS, '');
  return (
    REPEATED.test(digits) ||
    isKnownDevice(digits) ||
    SHORT_MAC.test(lower) ||
    (HASH_LENGTHS.has(digits.length) && isConstantHash(digits)) ||
    (!DIGIT.test(digits) && NO_VALUE.test(digits)) ||
    PRINTED_OBJECT.test(lower) ||
    UNFILLED_TEMPLATE.test(lower) ||
    PUNCTUATION_ALONE.test(lower)
  );
}

/** Judges a UUID in lower case as {@link isConstantId} does. */
export function isConstantUuidOfDevice(uuid: string): boolean {
  if (isConstantUuid(uuid)) return true;
  return UUID_STARTS.has(uuid.slice(0, 8)) && HASH_STARTS.has(uuid.slice(0, 8) + uuid.slice(9, 13));
}

/** @param uuid in lower case */
export function isConstantUuid(uuid: string): boolean {
  return REPEATED_IN_UUID.test(uuid) || EXAMPLE_UUIDS.has(uuid);
}

function isKnownDevice(digits: string): boolean {
  return KNOWN_DEVICES.has(digits) || KNOWN_DEVICES.has(digits.replace(DEVICE_PREFIX, ''));
}

/** @param digits a hash, or a UUID without its hyphens */
function isConstantHash(digits: string): boolean {
  return (
    HASH_STARTS.has(digits.slice(0, HASH_START_LENGTH)) ||
    isConstantUuid(digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
  );
}
