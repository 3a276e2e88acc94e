import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
/** Directories that are made, not committed. */
const MADE = new Set(['node_modules', 'dist', 'coverage', '.data', '.git', 'generated', 'lib']);
/** Fixtures name files that do not exist, on purpose. */
const FIXTURES = join('test', 'fixtures');
const LINK = /\]\((?!https?:|mailto:|#)([^)\s]+)\)/g;
const CODE = /`([^`\n]+)`/g;
const SCRIPT = /\bnpm run (?:--silent |-s )?([a-z][a-z-]*(?::[a-z-]+)*)/g;
/** A name in capitals stands for one that the reader chooses. */
const FILE_NAME =
  /^(?![A-Z]+[.][a-z]+$)[\w-][\w.-]*\.(?:ts|tsx|mjs|md|sql|json|ya?ml|prisma|proto|bru|java|py|xml|svg|tpl|toml)$/;
const MEDIA_TYPE = /^(?:application|text)\/(?:json|problem|csv|plain|event-stream)\b/;
/** Names the files that the specification asks for and this project leaves out. */
const LEFT_OUT = 'docs/adr/0001-record-decisions.md';
/** Files that commands write. */
const WRITTEN = new Set(['verdict.json', 'sbom.json']);
const PATH = /^(?:\.[\w-]+\/|[\w-]+\/)[\w./@-]*$/;

const files = listFiles('');
const names = new Set(files.map((file) => basename(file)));
const paths = new Set(files.flatMap(withParents));
const directories = [...paths].filter((path) => !files.includes(path));
const topLevel = new Set(files.map((file) => file.split('/')[0]));
const scripts = ['package.json', 'clients/typescript/package.json'].flatMap((file) =>
  Object.keys((JSON.parse(read(file)) as { readonly scripts: object }).scripts),
);
const pages = files.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');

function listFiles(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (MADE.has(entry.name)) return [];
    if (path === FIXTURES) return [path];
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

/** `a/b/c.ts` is there, and so are `a` and `a/b`. */
function withParents(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Returns the captures of a pattern in a page, once each. */
function found(page: string, pattern: RegExp): string[] {
  return [...new Set([...read(page).matchAll(pattern)].map(([, capture = '']) => capture))];
}

/** A page names files from the root, from `src`, or from its own directory. */
function exists(page: string, named: string): boolean {
  const path = named.replace(/\/$/, '');
  return ['', 'src', dirname(page)].some((from) => paths.has(join(from, path)));
}

/** Tells a path of this project from a route, a topic or a coding: its first part is one of our directories. */
function isPath(page: string, text: string): boolean {
  const [first = ''] = text.split('/');
  if (!PATH.test(text) || MEDIA_TYPE.test(text) || MADE.has(first)) return false;
  return topLevel.has(first) || exists(page, first) || paths.has(join('src', first));
}

/** Returns each path of a drawn tree, and the directories that it is in. */
function drawnPaths(tree: string): string[] {
  const above: string[] = [];
  const drawn = [...tree.matchAll(/^((?:│ {3})*)(?:([├└])── )?([\w./-]+)/gm)];
  return drawn.flatMap(([, indent = '', branch, name = '']) => {
    const depth = branch === undefined ? 0 : indent.length / 4 + 1;
    above.splice(depth, Infinity, name.replace(/\/$/, ''));
    return withParents(above.join('/'));
  });
}

describe('documents', () => {
  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'web/README.md']));
  });

  it.each(pages)('%s links only to what exists', (page) => {
    const broken = found(page, LINK).filter((target) => {
      const [path = ''] = target.split('#');
      return statSync(join(ROOT, dirname(page), path), { throwIfNoEntry: false }) === undefined;
    });
    expect(broken).toEqual([]);
  });

  it.each(pages.filter((page) => page !== LEFT_OUT))('%s names only files that exist', (page) => {
    const codes = found(page, CODE).flatMap((code) => code.split(/[\s,]+/));
    const missing = codes.filter(
      (code) =>
        (FILE_NAME.test(code) && !names.has(code) && !WRITTEN.has(code)) ||
        (isPath(page, code) && !exists(page, code)),
    );
    expect(missing).toEqual([]);
  });

  it.each(pages)('%s names only scripts that package.json has', (page) => {
    expect(found(page, SCRIPT).filter((script) => !scripts.includes(script))).toEqual([]);
  });

  it.each(['docs/architecture.md', 'docs/zh-CN/architecture.md'])('%s has the whole tree', (page) => {
    const [, tree = ''] = /^```\n(src\/\n[^`]*)^```$/m.exec(read(page)) ?? [];
    const drawn = drawnPaths(tree);
    const ofRoot = directories.filter((path) => !path.startsWith('.') && !path.includes('/'));
    const ofSource = [...paths].filter((path) => dirname(path) === 'src');
    const ofLayers = directories.filter((path) =>
      /^src\/(api|application|domain|infrastructure)\/[^/]+$/.test(path),
    );

    expect(drawn.filter((path) => !paths.has(path))).toEqual([]);
    expect([...ofRoot, ...ofSource, ...ofLayers].filter((path) => !drawn.includes(path))).toEqual([]);
  });

  it('walk an event and a heartbeat through every layer, in both languages', () => {
    for (const page of ['docs/architecture.md', 'docs/zh-CN/architecture.md']) {
      const walked = found(page, CODE).filter((code) => code.startsWith('src/'));
      for (const layer of ['api/controllers', 'application/commands', 'domain', 'infrastructure'])
        expect(walked).toContainEqual(expect.stringMatching(`^src/${layer}/.*\\.ts$`));
    }
  });
});
