import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds `dist` from nothing, because the compiler writes no file again that it believes to be there. When the build
 * fails, the former `dist` is back for whatever comes next.
 *
 * @throws what `build` throws
 */
export async function buildAnew(root: string, build: () => Promise<unknown>): Promise<void> {
  const dist = join(root, 'dist');
  const aside = join(root, '.data', 'former-dist');
  mkdirSync(join(root, '.data'), { recursive: true });
  rmSync(aside, { recursive: true, force: true });
  const isThere = existsSync(dist);
  if (isThere) renameSync(dist, aside);
  try {
    await build();
  } catch (error) {
    rmSync(dist, { recursive: true, force: true });
    if (isThere) renameSync(aside, dist);
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}
