import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORIES = ['database/migrations', 'database/migrations-citus'];

/** Names each migration of a release with its SHA-256; a database that has run it must not find another one. */
export const RELEASED_MIGRATIONS = 'tools/release/released-migrations.json';

/** Returns the SHA-256 of every migration below a root, by its path. */
export function migrationSums(root: string): Readonly<Record<string, string>> {
  const paths = DIRECTORIES.filter((directory) => existsSync(join(root, directory))).flatMap((directory) =>
    readdirSync(join(root, directory))
      .sort()
      .map((file) => `${directory}/${file}`),
  );
  return Object.fromEntries(
    paths.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex'),
    ]),
  );
}

/** Finds what a database of the last release would not survive: each problem is one line. */
export function migrationProblems(
  released: Readonly<Record<string, string>>,
  today: Readonly<Record<string, string>>,
): string[] {
  const changed = Object.entries(released).flatMap(([path, sum]) => {
    if (today[path] === undefined) return [`${path} was released and is gone: put it back`];
    return today[path] === sum
      ? []
      : [`${path} was released and is changed: put it back, and add a new migration`];
  });
  const early = Object.keys(today).filter(
    (path) =>
      released[path] === undefined &&
      Object.keys(released).some((other) => directoryOf(other) === directoryOf(path) && other > path),
  );
  return [
    ...changed,
    ...early.map((path) => `${path} sorts before a released migration: give it a later number`),
  ];
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
