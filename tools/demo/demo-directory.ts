import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { SYSTEM_STATE_DIRECTORY } from '../../src/infrastructure/embedded/reachable-directory.js';

/** Stands in each directory that a demo made or found empty, and in no other one. */
const MARKER = '.analytics-demo';
const MARKER_TEXT = 'npm run demo keeps invented data here; npm run demo -- --fresh deletes them.\n';
/** Entries that a demo makes: its own files, and the database with what lies beside it. */
const OWN = /^(state\.json|history\.jsonl|service\.log|postgres|postgres\.(log|lock|users|init-.*))$/;
const SYSTEM_HOME = /^[0-9a-f]{16}$/;
/** Data of `npm start` without settings. */
const DEFAULT_DATABASE = '.data/postgres';

export interface DemoDirectory {
  readonly directory: string;
  readonly database: string;
}

/**
 * Returns the directory of a demo, marked as such; makes it when it is missing.
 *
 * @param serviceDatabase EMBEDDED_POSTGRES_DIRECTORY, whose data could be real
 * @throws UsageError when the directory could hold what no demo made
 */
export function openDemoDirectory(data: string, serviceDatabase: string | undefined): DemoDirectory {
  const directory = resolve(data);
  const database = join(directory, 'postgres');
  refuseDatabasesOfTheService(data, database, serviceDatabase);
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true)
    refuse(data, `it is a symbolic link to ${readlinkSync(directory)}`, 'name the directory itself');
  if (found?.isDirectory() === false) refuse(data, 'it is no directory');
  if (found !== undefined) {
    const content = readdirSync(directory);
    const isMarked = lstatSync(join(directory, MARKER), { throwIfNoEntry: false })?.isFile() === true;
    if (content.length > 0 && !isMarked)
      refuse(data, `it is not empty (it holds ${content[0]}), and no demo made it: ${MARKER} is missing`);
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, MARKER), MARKER_TEXT);
  return { directory, database };
}

/**
 * Deletes what earlier demos made in their directory, and nothing else.
 *
 * @throws UsageError while the database runs
 */
export function removeDemoData({ directory, database }: DemoDirectory): void {
  if (lstatSync(join(database, 'postmaster.pid'), { throwIfNoEntry: false }) !== undefined)
    throw new UsageError(
      `The database in ${database} must not run while it is deleted, and it has a postmaster.pid: ` +
        'stop the other demo first, or run npm run demo without --fresh and stop it',
    );
  removeSystemHome(database);
  for (const name of readdirSync(directory))
    if (OWN.test(name)) rmSync(join(directory, name), { recursive: true, force: true });
}

/** The data of root lie in a directory of their own that a link names; a link to any other place is only unlinked. */
function removeSystemHome(database: string): void {
  if (lstatSync(database, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  const target = resolve(dirname(database), readlinkSync(database));
  const home = dirname(target);
  if (basename(target) !== 'postgres' || dirname(home) !== SYSTEM_STATE_DIRECTORY) return;
  if (SYSTEM_HOME.test(basename(home))) rmSync(home, { recursive: true, force: true });
}

function refuseDatabasesOfTheService(
  data: string,
  database: string,
  serviceDatabase: string | undefined,
): void {
  const configured = serviceDatabase?.trim() ?? '';
  for (const path of [DEFAULT_DATABASE, ...(configured === '' ? [] : [configured])])
    if (canonical(path) === canonical(database))
      refuse(data, `its database would be ${path}, the one of npm start`);
}

/** Returns the path without symbolic links, also when its last parts do not exist. */
function canonical(path: string): string {
  const absolute = resolve(path);
  if (dirname(absolute) === absolute) return absolute;
  try {
    return realpathSync(absolute);
  } catch {
    return join(canonical(dirname(absolute)), basename(absolute));
  }
}

function refuse(
  data: string,
  why: string,
  next = 'name a directory that is missing or empty, or move this one away',
): never {
  throw new UsageError(
    `--data must be a directory of the demo alone, and ${data} is not: ${why}. Nothing was changed; ${next}`,
  );
}
