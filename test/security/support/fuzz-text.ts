import fc, { type Arbitrary } from 'fast-check';

// The arbitraries return text, not values, because clients may send JSON that no serialiser writes.

/** Texts that have broken programs before: SQL, shells, templates, terminals, logs, Unicode, prototypes. */
const EVIL_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r\nforged line',
  '\u001b[2J\u001b[31m',
  '\ud800',
  'x\udc00y',
  '\u202etxet',
  '\ufeff',
  '\uffff',
  '\u2028\u2029',
  '🧑‍🧑‍🧒‍🧒',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
  "'; DROP TABLE analytics_event_log; --",
  "' OR '1'='1",
  '$1::text',
  '{"a":1}',
  '$' + '{jndi:ldap://127.0.0.1:9/x}',
  '{{7*7}}',
  '$(sleep 5)',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '%s%n%x',
  '%00',
  'NaN',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '1e1000',
  '-1',
  '9223372036854775807',
  '9223372036854775808',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  '📱'.repeat(128),
  '字'.repeat(5_000),
];

const NUMBERS = [
  ...['0', '-0', '1', '-1', '0.1', '1.5', '1e0', '1E+2', '1e-400', '5e-324', '1e400', '-1e400', '1e308'],
  ...['2147483648', '4294967296', '9007199254740991', '9007199254740992', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '123456789012345678901234567890', '1'.repeat(400)],
  ...['99999999999', '99999999999.999', '100000000000', '253402300800', '8640000000000', '-62135596800'],
];

const KEYS = [
  ...['a', '', ' ', '0', 'length', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'valueOf'],
  ...[
    'events',
    'sentAt',
    'installId',
    'userId',
    'eventName',
    'clientTs',
    'properties',
    'province',
    'city',
    'os',
  ],
];
/** Keys as JSON text; the second one is the first one in escapes. */
const PROTOTYPE_KEYS = ['"__proto__"', '"\\u005f\\u005fproto__"', '"constructor"', '"prototype"'];

/** Any text: all code points, and {@link EVIL_TEXTS}. */
export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EVIL_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200, size: 'large' }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
);

export const numberText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
);

export const stringText = anyText.map((text) => JSON.stringify(text));
export const keyText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEYS).map((key) => JSON.stringify(key)) },
  { weight: 1, arbitrary: fc.constantFrom(...PROTOTYPE_KEYS) },
  { weight: 2, arbitrary: stringText },
);

/** Well-formed JSON of any shape, with duplicate keys and prototype keys. */
export const jsonText: Arbitrary<string> = fc.letrec<{ value: string; list: string; object: string }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 6 },
      fc.oneof(stringText, numberText, fc.constantFrom('null', 'true', 'false')),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }).map((items) => `[${items.join()}]`),
    object: objectText(fc.tuple(keyText, tie('value'))),
  }),
).value;

/** JSON objects of up to six entries. */
export function objectText(entry: Arbitrary<readonly [key: string, value: string]>): Arbitrary<string> {
  return fc
    .array(entry, { maxLength: 6 })
    .map((entries) => `{${entries.map(([key, value]) => `${key}:${value}`).join()}}`);
}

/** JSON that is nested thousands of levels deep. */
export const hugeText: Arbitrary<string> = fc
  .tuple(fc.constantFrom('[', '{"a":', '[[],'), fc.integer({ min: 15, max: 3_000 }))
  .map(([open, depth]) => open.repeat(depth) + '1' + (open.startsWith('{') ? '}' : ']').repeat(depth));

/** JSON text with one character removed or replaced. */
export const nearJson: Arbitrary<string> = fc
  .tuple(jsonText, fc.nat(), fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 3 })))
  .map(([text, at, inserted]) => {
    const position = at % (text.length + 1);
    return text.slice(0, position) + inserted + text.slice(position + 1);
  });
