import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the commit that is measured or tried; changed docs and results do not count as changes. */
export function readCommit(): string | undefined {
  try {
    const changes = git('status', '--porcelain', '--', '.', ':!docs', ':!bench/results');
    return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : ' with changes'}`;
  } catch {
    return undefined; // git is missing, or this is not a repository.
  }
}

function git(...args: string[]): string {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio }).trim();
}
