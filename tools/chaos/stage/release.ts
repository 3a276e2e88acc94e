import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Lies outside `node_modules`, whose files the compiler takes for those of a library. */
const CACHE = join(ROOT, '.data/chaos-releases');
const ONE_DAY_SECONDS = 86_400;

/** The commit that a rolling upgrade begins with: the last tag, or the state of the day before. */
export function findRelease(): string | undefined {
  const [head, headSeconds] = git('log', '-1', '--format=%H %ct').split(' ');
  if (head === undefined) return undefined;
  const tag = git('describe', '--tags', '--abbrev=0', `${head}~1`);
  const before = String(Number(headSeconds) - ONE_DAY_SECONDS);
  const commit =
    tag === '' ? git('log', '-1', '--format=%H', `--before=${before}`) : git('rev-parse', `${tag}^{commit}`);
  return commit === '' ? undefined : commit;
}

/**
 * Builds the service of an earlier commit, once a commit.
 *
 * @returns the URL of its `dist`, with a slash at the end
 */
export async function buildRelease(commit: string): Promise<string> {
  const directory = join(CACHE, commit);
  if (!existsSync(directory)) {
    const partial = `${directory}.${String(process.pid)}`;
    mkdirSync(partial, { recursive: true });
    try {
      await run('sh', ['-c', 'git -C "$1" archive "$2" | tar -x -C "$3"', 'sh', ROOT, commit, partial]);
      symlinkSync(join(ROOT, 'node_modules'), join(partial, 'node_modules'));
      // The release knows its own steps.
      await run('npm', ['run', '--silent', 'build'], { cwd: partial });
      renameSync(partial, directory);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
  }
  return pathToFileURL(join(directory, 'dist/')).href;
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
