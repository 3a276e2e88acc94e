import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { ERROR_CATALOGUE } from '../../src/shared/exceptions/error-catalogue.js';
import { COMMANDS } from '../../tools/commands.js';

const ROOT = join(import.meta.dirname, '../..');
const MADE = new Set(['node_modules', 'dist', 'coverage', '.data', '.git', 'generated', 'lib', 'images']);
const PAGE = '.md';
const CODE = /`([^`\n]+)`/g;
/** A name in capitals with underscores: a variable, a constant, or a code of another program. */
const NAME_IN_CAPITALS = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const METRIC_OR_TABLE = /\banalytics_[a-z]+(?:_[a-z]+)*\b/g;
const STATUS_AND_CODE = /\b[45]\d\d `([a-z]+(?:_[a-z]+)+)`/g;
const LOGGED = /`([^`\n]+)` in the log/g;
const COMMAND_LINE = /\bnpm run ([a-z]+(?::[a-z]+)*) -- ([^`#\n|]*)/g;
/** A name that contributors choose themselves, and a message of PgBouncer. */
const NOT_OURS = new Set(['EXAMPLE_CSV', 'unsupported startup parameter']);

const files = listFiles('');
const pages = files.filter((file) => extname(file) === PAGE && file !== 'CHANGELOG.md');
const sources = files.filter((file) => extname(file) !== PAGE && !file.startsWith('docs/'));
/** Adjacent literals are one text for the reader of the log. */
const texts = sources.map((file) => read(file).replaceAll(/['"`] \+\s+['"`]/g, ''));
const everything = texts.join('\n');
const service = sources.flatMap((file, index) => (file.startsWith('src/') ? [texts[index]!] : []));

function listFiles(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (MADE.has(entry.name) || entry.name === 'package-lock.json') return [];
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Returns the names in the code of a page, once each. */
function namesIn(page: string, pattern: RegExp): string[] {
  const codes = [...read(page).matchAll(CODE)].map(([, code = '']) => code);
  return [...new Set(codes.flatMap((code) => code.match(pattern) ?? []))];
}

/** Returns the words of the options of each command line in a page. */
function optionsIn(page: string): { readonly command: string; readonly option: string }[] {
  return [...read(page).matchAll(COMMAND_LINE)].flatMap(([, command = '', rest = '']) =>
    [...rest.matchAll(/(?:^|[\s[])--([a-z]+(?:-[a-z]+)*)/g)].map(([, option = '']) => ({ command, option })),
  );
}

describe.each(pages)('%s', (page) => {
  it('names only variables and constants that some file has', () => {
    const unknown = namesIn(page, NAME_IN_CAPITALS).filter((name) => !everything.includes(name));
    expect(unknown.filter((name) => !NOT_OURS.has(name))).toEqual([]);
  });

  it('names only metrics and tables that exist', () => {
    expect(namesIn(page, METRIC_OR_TABLE).filter((name) => !everything.includes(name))).toEqual([]);
  });

  it('names only codes of errors that the catalogue has', () => {
    const codes = [...read(page).matchAll(STATUS_AND_CODE)].map(([, code = '']) => code);
    expect(codes.filter((code) => !(code in ERROR_CATALOGUE))).toEqual([]);
  });

  it('quotes only log lines that the service writes', () => {
    const quoted = [...read(page).matchAll(LOGGED)].map(([, text = '']) => text);
    const isWritten = (text: string): boolean => {
      const parts = text.split('…').map((part) => part.trim());
      return service.some((source) => parts.every((part) => source.includes(part)));
    };
    expect(quoted.filter((text) => !isWritten(text) && !NOT_OURS.has(text))).toEqual([]);
  });

  it('asks the readiness for no reason, which it does not have', () => {
    expect(read(page).match(/\/health\/ready`[^|.;\n]*\b(?:why|reason|says so)\b/g) ?? []).toEqual([]);
  });

  it('shows commands with options that they take', () => {
    const wrong = optionsIn(page).filter(({ command, option }) => {
      const found = COMMANDS.find(({ definition }) => definition.name === command);
      return found !== undefined && !(option in { help: 0, json: 0, ...found.definition.options });
    });
    expect(wrong).toEqual([]);
  });
});
