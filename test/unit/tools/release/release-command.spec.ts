import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ROOT } from '../../deployment/deployment-files.js';

let repository: string;

const LOCK = JSON.stringify(
  {
    name: 'service',
    version: '0.1.0',
    packages: {
      '': { version: '0.1.0' },
      'clients/typescript': { name: 'client', version: '0.1.0' },
      'node_modules/pg': { version: '0.1.0' },
    },
  },
  null,
  2,
);

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
};
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], { cwd: repository, encoding: 'utf8' }).trim();
const commit = (message: string): void => {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', message);
};
const release = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', join(ROOT, 'tools/run-command.mjs'), 'release', ...args],
    { cwd: repository, encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
};

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'analytics-release-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.com');
  write('package.json', '{ "name": "service", "version": "0.1.0" }');
  write('clients/typescript/package.json', '{ "name": "client", "version": "0.1.0" }');
  write('package-lock.json', LOCK);
  write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n- A page.\n');
  write('docs/upgrading.md', '# Upgrading\n\n## To the next version\n\nNothing.\n');
  write('docs/events/schemas/a.json', '{}');
  write('deploy/helm/analytics-presence/Chart.yaml', 'version: 0.1.0\nappVersion: 0.1.0\n');
  write('database/migrations/1_first.sql', 'SELECT 1;\n');
  write('tools/release/released-migrations.json', '{}\n');
  write('.ci/run', 'test ! -e broken\n');
  commit('feat: a page');
});

afterEach(() => {
  rmSync(repository, { recursive: true, force: true });
});

it('makes one commit with every version in it, and a tag with the notes', () => {
  expect(release('minor')).toMatchObject({ status: 0 });

  expect(git('status', '--porcelain')).toBe('');
  expect(git('log', '-1', '--format=%s')).toBe('chore: release 0.2.0');
  expect(git('tag', '--points-at', 'HEAD', '--format=%(contents)')).toContain('Features:\n- a page');
  expect(JSON.parse(read('package.json'))).toMatchObject({ version: '0.2.0' });
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '0.2.0',
    packages: {
      '': { version: '0.2.0' },
      'clients/typescript': { version: '0.2.0' },
      'node_modules/pg': { version: '0.1.0' },
    },
  });
  expect(JSON.parse(read('clients/typescript/package.json'))).toMatchObject({ version: '0.2.0' });
  expect(read('deploy/helm/analytics-presence/Chart.yaml')).toBe('version: 0.2.0\nappVersion: 0.2.0\n');
  expect(read('CHANGELOG.md')).toMatch(/## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n- A page/);
  expect(read('docs/events/published/a.json')).toBe('{}');
  expect(Object.keys(JSON.parse(read('tools/release/released-migrations.json')) as object)).toEqual([
    'database/migrations/1_first.sql',
  ]);
});

it.each<readonly [string, () => unknown, string, string?]>([
  ['a file is not committed', () => write('new', ''), 'git status'],
  [
    'another branch than main is checked out',
    () => git('switch', '--quiet', '-c', 'other'),
    'Switch to main',
  ],
  ['a feature needs a minor version', () => undefined, 'need a minor version', 'patch'],
  [
    'a commit without a known type may be a feature',
    () => {
      git('tag', 'v0.1.0');
      commit('wip: figures');
    },
    'may be features:\n- wip: figures',
    'patch',
  ],
  ['the tag exists', () => git('tag', 'v0.2.0'), 'v0.2.0 exists'],
  ['a break has no upgrade notes', () => commit('fix!: another key'), 'A commit breaks something'],
  [
    'nothing is in the changelog',
    () => {
      write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n');
      commit('docs: changelog');
    },
    'no unreleased entry',
  ],
  [
    '.ci/run fails',
    () => {
      write('broken', '');
      commit('fix: nothing');
    },
    'Mend what .ci/run reports',
  ],
])('changes nothing when %s', (_, prepare, reason, bump = 'minor') => {
  prepare();
  const [head, tags] = [git('rev-parse', 'HEAD'), git('tag')];

  const { status, output } = release(bump);

  expect(output).toContain(reason);
  expect(status).toBe(1);
  expect([git('rev-parse', 'HEAD'), git('tag')]).toEqual([head, tags]);
  expect(read('package.json')).toContain('0.1.0');
});

it('prints the release and writes nothing on a dry run', () => {
  const { status, output } = release('minor', '--dry-run');

  expect(output).toContain('Analytics & Presence 0.2.0');
  expect(status).toBe(0);
  expect(git('tag')).toBe('');
  expect(git('status', '--porcelain')).toBe('');
});
