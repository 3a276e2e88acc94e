import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chooseOsUser } from '../../../src/infrastructure/embedded/os-user.js';
import {
  findPostgresPrograms,
  type PostgresPrograms,
} from '../../../src/infrastructure/embedded/postgres-programs.js';
import type { RunAs } from '../../../src/infrastructure/embedded/run-program.js';
import { startGuarded, temporaryDirectory } from '../processes.js';

/** Password of the superuser `postgres` of every server that tests start. */
export const OWNER_PASSWORD = 'owner';

/** Files of a server that tests start. */
export interface DataDirectory {
  /** temporary directory around it, which is removed with the server */
  readonly directory: string;
  readonly data: string;
  readonly runAs: RunAs;
  readonly programs: PostgresPrograms;
}

/** Makes an empty directory for a server, which belongs to the server's OS user. */
export async function makeDataDirectory(): Promise<DataDirectory> {
  const directory = temporaryDirectory('postgres');
  const data = join(directory, 'data');
  const runAs = await chooseOsUser(data);
  mkdirSync(data, { mode: 0o700 });
  for (const path of [directory, data]) giveTo(runAs, path);
  return { directory, data, runAs, programs: await findPostgresPrograms(runAs) };
}

/** Writes a file that the server's OS user alone may read. */
export function writeFor({ runAs }: Pick<DataDirectory, 'runAs'>, path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  giveTo(runAs, path);
}

export async function initialize(place: DataDirectory): Promise<void> {
  const { directory, data, runAs, programs } = place;
  const passwordFile = join(directory, 'password');
  writeFor(place, passwordFile, OWNER_PASSWORD);
  const initdb = await startGuarded({
    command: programs.initdb,
    args: [
      ...[`--pgdata=${data}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...[
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-sync',
      ],
    ],
    directory,
    ...runAs,
  });
  const { code } = await initdb.end();
  const said = initdb.output();
  await initdb.stop({ keepDirectory: code === 0 });
  if (code !== 0) throw new Error(`initdb failed:\n${said}`);
}

function giveTo({ uid, gid }: RunAs, path: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
