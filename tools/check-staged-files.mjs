/**
 * Formats and lints the staged files; .githooks/pre-commit runs it before each commit.
 * A file that has unstaged changes as well is checked and not rewritten, because staging it would commit them too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PRETTIER = 'node_modules/prettier/bin/prettier.cjs';
const ESLINT = 'node_modules/eslint/bin/eslint.js';

const staged = listFiles('--cached', '--diff-filter=ACMR');
const unstaged = new Set(listFiles());
const whole = staged.filter((file) => !unstaged.has(file));
const partial = staged.filter((file) => unstaged.has(file));
const scripts = staged.filter((file) => /\.(ts|mjs)$/.test(file) && existsSync(file));

const failures = [
  formatWhole(whole) ? undefined : 'Prettier could not format every staged file.',
  ...partial
    .filter((file) => !isStagedTextFormatted(file))
    .map((file) => `${file} is not formatted and has unstaged changes: run "npx prettier --write ${file}".`),
  lint(scripts) ? undefined : 'ESLint found problems: correct them and stage the files again.',
].filter((failure) => failure !== undefined);

for (const failure of failures) console.error(`pre-commit: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Returns the regular files that `git diff` names; links have no text of their own. */
function listFiles(...options) {
  const output = execFileSync('git', ['diff', '--raw', '-z', '--no-renames', '--abbrev', ...options], {
    encoding: 'utf8',
  });
  const fields = output.split('\0');
  const files = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, mode] = fields[index].split(' ');
    if (mode.startsWith('100') || mode === '000000') files.push(fields[index + 1]);
  }
  return files;
}

function formatWhole(files) {
  if (files.length === 0) return true;
  const formatted = run(PRETTIER, ['--write', '--ignore-unknown', '--log-level=warn', '--', ...files]);
  execFileSync('git', ['add', '--', ...files]);
  return formatted;
}

/** Compares the staged text with its formatted form; Prettier prints a file that it ignores unchanged. */
function isStagedTextFormatted(file) {
  const text = execFileSync('git', ['show', `:${file}`], { maxBuffer: 64 * 1024 * 1024 });
  const { status, stdout } = spawnSync(
    process.execPath,
    [PRETTIER, '--ignore-unknown', '--stdin-filepath', file],
    {
      input: text,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return status === 0 && stdout.equals(text);
}

/** Lints after the Prisma client is generated, because the type-aware rules follow imports into it. */
function lint(files) {
  if (files.length === 0) return true;
  return (
    run('tools/prisma-generate.mjs', []) &&
    run(ESLINT, ['--max-warnings', '0', '--no-warn-ignored', '--', ...files])
  );
}

function run(program, args) {
  return spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' }).status === 0;
}
