#!/usr/bin/env node
/**
 * Lints comments everywhere and counts the violations of each directory; the exit code is 1 when there is one.
 * Paths narrow the run; with paths or `--list` it prints each violation.
 *
 *   npm run lint:comments -- [--list] [--cwd=DIR] [PATH …]
 */
import { relative, resolve, sep } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { plainComments } from './plain-comments.mjs';

const RULE = 'local/plain-comments';
const EVERYWHERE = ['src', 'tools', 'bench', 'test', 'scripts', 'deploy', '*.mjs', '.*.mjs', '*.ts'];
const LENGTHS = ['longProse', 'longTag', 'longLine'];

const args = process.argv.slice(2);
const paths = args.filter((argument) => !argument.startsWith('--'));
const cwdArgument = args.find((argument) => argument.startsWith('--cwd='));
const cwd = resolve(cwdArgument?.slice('--cwd='.length) ?? '.');
const list = args.includes('--list') || paths.length > 0;

const eslint = new ESLint({
  cwd,
  overrideConfigFile: true,
  errorOnUnmatchedPattern: false,
  allowInlineConfig: false,
  overrideConfig: [
    { ignores: ['**/generated/', 'test/fixtures/', 'dist/', 'coverage/', '.data/'] },
    {
      files: ['**/*.ts', '**/*.mjs'],
      languageOptions: { parser: tseslint.parser, parserOptions: { projectService: false } },
      plugins: { local: { rules: { 'plain-comments': plainComments } } },
      rules: { [RULE]: 'error' },
    },
  ],
});

const results = await eslint.lintFiles(paths.length > 0 ? paths : EVERYWHERE);
if (list) printViolations(results);
const violations = printCounts(results);
process.exitCode = violations === 0 ? 0 : 1;

function printViolations(files) {
  for (const { filePath, messages } of files) {
    for (const { line, message } of messages) console.log(`${pathOf(filePath)}:${line} ${message}`);
  }
}

/** Prints one line for each directory and returns the number of all violations. */
function printCounts(files) {
  const rooms = new Map();
  const total = { files: 0, fragments: 0, tooLong: 0 };
  for (const { filePath, messages } of files) {
    const room = roomOf(pathOf(filePath));
    if (!rooms.has(room)) rooms.set(room, { files: 0, fragments: 0, tooLong: 0 });
    for (const counts of [rooms.get(room), total]) {
      counts.files += 1;
      counts.tooLong += messages.filter(({ messageId }) => LENGTHS.includes(messageId)).length;
      counts.fragments += messages.filter(({ messageId }) => !LENGTHS.includes(messageId)).length;
    }
  }
  console.log(
    `${'directory'.padEnd(24)} ${'files'.padStart(6)} ${'fragments'.padStart(10)} ${'too long'.padStart(9)}`,
  );
  for (const [room, counts] of [...rooms].sort(([a], [b]) => a.localeCompare(b)).concat([['all', total]])) {
    const { fragments, tooLong } = counts;
    console.log(
      `${room.padEnd(24)} ${`${counts.files}`.padStart(6)} ${`${fragments}`.padStart(10)} ${`${tooLong}`.padStart(9)}`,
    );
  }
  return total.fragments + total.tooLong;
}

function pathOf(file) {
  return relative(cwd, file).split(sep).join('/');
}

/** Returns the first two directories of a path, or the first when the file lies in it. */
function roomOf(path) {
  const directories = path.split('/').slice(0, -1);
  return directories.slice(0, 2).join('/') || '.';
}
