import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/cli/support/usage-error.js';
import { openDemoDirectory, removeDemoData } from '../../../../tools/demo/demo-directory.js';

let root: string;
let workingDirectory: string;

beforeEach(() => {
  workingDirectory = process.cwd();
  root = realpathSync(mkdtempSync(join(tmpdir(), 'analytics-demo-directory-')));
  process.chdir(root);
});

afterEach(() => {
  process.chdir(workingDirectory);
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text = 'precious'): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

function tree(): string[] {
  return readdirSync(root, { recursive: true }).map(String).sort();
}

describe('the directory of a demo', () => {
  it.each([
    ['the checkout', '.', 'package.json'],
    ['a home directory', 'home', 'home/.bashrc'],
    ['a directory of the user', 'photos', 'photos/2024/sea.jpg'],
    ['a directory with a hidden file alone', 'hidden', 'hidden/.keep'],
    ['the data of npm start', '.data', '.data/postgres/PG_VERSION'],
    ['a database', 'cluster', 'cluster/PG_VERSION'],
    ['a directory whose files have the names of a demo', 'other', 'other/state.json'],
    ['a file', 'notes.txt', 'notes.txt'],
  ])('must not be %s', (_, data, file) => {
    put(file);
    const before = tree();
    const open = (): unknown => openDemoDirectory(data, undefined);
    expect(open).toThrow(UsageError);
    expect(open).toThrow(/--data must be .*Nothing was changed; name a directory that is missing or empty/);
    expect(tree()).toEqual(before);
    expect(readFileSync(join(root, file), 'utf8')).toBe('precious');
  });

  it('must not be a symbolic link, wherever it leads', () => {
    openDemoDirectory('demo', undefined);
    mkdirSync('empty');
    for (const target of ['demo', 'empty', 'missing']) {
      symlinkSync(target, 'link');
      expect(() => openDemoDirectory('link', undefined)).toThrow(/a symbolic link to .*name the directory/);
      rmSync('link');
    }
    expect(readdirSync('empty')).toEqual([]);
  });

  it('must not become the database of npm start, even before that exists', () => {
    expect(() => openDemoDirectory('.data', undefined)).toThrow(/\.data\/postgres, the one of npm start/);
    expect(() => openDemoDirectory('mine', 'mine/postgres')).toThrow(/mine\/postgres, the one of npm start/);
    mkdirSync('real');
    symlinkSync('real', 'alias');
    expect(() => openDemoDirectory('real', 'alias/postgres')).toThrow(/the one of npm start/);
    expect(tree()).toEqual(['alias', 'real']);
  });

  it('is made when it is missing, taken when it is empty, and opened again when a demo made it', () => {
    mkdirSync('empty');
    for (const data of ['.data/demo', 'empty']) {
      const { directory, database } = openDemoDirectory(data, '');
      expect({ directory, database }).toEqual({
        directory: join(root, data),
        database: join(root, data, 'postgres'),
      });
      put(`${data}/state.json`);
      expect(() => openDemoDirectory(data, undefined)).not.toThrow();
    }
  });
});

describe('a fresh demo', () => {
  it('deletes what a demo made, keeps what else lies there, and may be repeated', () => {
    const place = openDemoDirectory('demo', undefined);
    const own = ['state.json', 'service.log', 'history.jsonl', 'postgres.log', 'postgres.lock/1'];
    for (const file of [...own, 'postgres/PG_VERSION', 'postgres.users/1']) put(`demo/${file}`);
    const foreign = ['notes.txt', 'pictures/sea.jpg', 'postgres-backup/PG_VERSION'];
    for (const file of foreign) put(`demo/${file}`);
    removeDemoData(place);
    removeDemoData(place);
    expect(readdirSync('demo').sort()).toEqual([
      '.analytics-demo',
      'notes.txt',
      'pictures',
      'postgres-backup',
    ]);
    for (const file of foreign) expect(existsSync(join('demo', file))).toBe(true);
    expect(openDemoDirectory('demo', undefined)).toEqual(place);
  });

  it('unlinks a link to a foreign database, and leaves the database', () => {
    const place = openDemoDirectory('demo', undefined);
    put('elsewhere/postgres/PG_VERSION');
    symlinkSync(join(root, 'elsewhere/postgres'), place.database);
    removeDemoData(place);
    expect(existsSync(place.database)).toBe(false);
    expect(readFileSync('elsewhere/postgres/PG_VERSION', 'utf8')).toBe('precious');
  });

  it('refuses while the database runs', () => {
    const place = openDemoDirectory('demo', undefined);
    put('demo/postgres/postmaster.pid');
    put('demo/state.json');
    expect(() => removeDemoData(place)).toThrow(/stop the other demo first/);
    expect(existsSync('demo/state.json')).toBe(true);
  });
});
