import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { checkEnvironment, parseEnvironment } from '../../../src/config/environment.js';
import { SECRET_VARIABLES, type Environment } from '../../../src/config/variables/catalogue.js';
import { PRODUCTION, problemsInProduction, problemsOf, SECRET } from './problems-of.js';

/** A value that each secret variable accepts. */
const VALUES: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://service:hunter2@db/analytics',
  DATABASE_MIGRATION_URL: 'postgresql://owner:hunter2@db/analytics',
  DATABASE_INGEST_URLS: 'postgresql://service:hunter2@worker/analytics',
  REDIS_PASSWORD: 'hunter2 with a space',
  REDIS_SENTINEL_PASSWORD: 'hunter2',
  JWT_SECRET: 'hunter2-hunter2-hunter2-hunter2-x',
  JWT_SECRET_PREVIOUS: 'hunter2-hunter2-hunter2-hunter2-y',
  INTERNAL_API_KEY: 'hunter2-hunter2-hunter2-hunter2-z',
  KAFKA_SASL_PASSWORD: 'hunter2',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hunter2',
};
const NAMES = [...SECRET_VARIABLES];

let directory: string;
let files = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'secret-files-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function file(content: string): string {
  const path = join(directory, `${(files += 1)}`);
  writeFileSync(path, content);
  return path;
}

it('is every variable whose name says that it is secret', () => {
  expect(NAMES.sort()).toEqual(Object.keys(VALUES).sort());
  const { environment } = checkEnvironment({});
  const secret = Object.keys(environment).filter((name) => /PASSWORD|SECRET|_KEY$|TOKEN|URLS?$/.test(name));
  expect(NAMES).toEqual(expect.arrayContaining(secret));
});

describe.each(NAMES)('%s', (name) => {
  const value = VALUES[name] ?? '';
  const given = (raw: Readonly<Record<string, string>>): unknown =>
    parseEnvironment(raw)[name as keyof Environment];

  it.each([
    ['as it is', ''],
    ['with a line break at its end', '\n'],
    ['with a line break of Windows at its end', '\r\n'],
  ])('may come from a file, %s', (_, end) => {
    expect(given({ [`${name}_FILE`]: file(value + end) })).toBe(value);
    expect(given({ [`${name}_FILE`]: ` ${file(value)} ` })).toBe(value);
  });

  it('is unset when its file or the name of its file is empty', () => {
    for (const path of ['', ' ', file(''), file('\n')])
      expect(given({ [`${name}_FILE`]: path })).toBe(given({}));
  });

  it('is refused when it is set twice', () => {
    const problems = problemsOf({ [name]: value, [`${name}_FILE`]: file(value) });

    expect(problems).toContain(`${name}_FILE and ${name} must not both be set: remove one of them`);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('is refused with one line that names the variable and no content when its file is of no use', () => {
    const folder = join(directory, 'folder-hunter2');
    mkdirSync(folder, { recursive: true });
    const wrong = {
      ENOENT: join(directory, 'hunter2-is-absent'),
      'a regular file': folder,
      'regular file, it names something else': '/dev/zero',
      'a file of one line': file(`${value}\n${value}`),
      'at most 65536 bytes': file('hunter2'.repeat(20_000)),
    };
    for (const [reason, path] of Object.entries(wrong)) {
      const own = problemsInProduction({ ...PRODUCTION, [name]: '', [`${name}_FILE`]: path }).filter((each) =>
        each.startsWith(name),
      );

      expect(own).toEqual([
        expect.stringMatching(new RegExp(`^${name}_FILE must name a .*${reason}|${reason}`)),
      ]);
      expect(own.join()).not.toContain('hunter2');
    }
  });
});

it('a value from a file is judged like any other, and the message names the file’s variable', () => {
  expect(problemsOf({ DATABASE_URL_FILE: file('mysql://service:hunter2@db') })).toEqual([
    expect.stringMatching(
      /^DATABASE_URL must be a URL .*not shown.*: correct the file that DATABASE_URL_FILE names$/,
    ),
  ]);
  expect(problemsInProduction({ JWT_SECRET: '', JWT_SECRET_FILE: file('short') })).toEqual([
    expect.stringMatching(/^JWT_SECRET must have at least 32 bytes/),
  ]);
});

it('production starts with files for all of its secrets', () => {
  const { database, jwt, redis } = loadConfiguration({
    ...PRODUCTION,
    DATABASE_URL: undefined,
    JWT_SECRET: undefined,
    DATABASE_URL_FILE: file(`${PRODUCTION['DATABASE_URL'] ?? ''}\n`),
    JWT_SECRET_FILE: file(SECRET),
    REDIS_PASSWORD_FILE: file('p\n'),
  });

  expect({ url: database.url, secret: jwt.secret, password: redis?.password }).toEqual({
    url: PRODUCTION['DATABASE_URL'],
    secret: SECRET,
    password: 'p',
  });
});

it('a variable that is not secret takes no file', () => {
  expect(parseEnvironment({ REDIS_HOST_FILE: '/absent', PORT_FILE: '/absent' })).toEqual(
    parseEnvironment({}),
  );
});
