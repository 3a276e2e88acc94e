import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

export const BLOCK_BEGIN = '<!-- totals of npm run chaos: begin -->';
export const BLOCK_END = '<!-- totals of npm run chaos: end -->';

/** Puts the totals between the marks of a page, formatted like the rest of it. @throws when it has no marks */
export async function writeTotals(path: string, totals: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const config = await resolveConfig(path);
  writeFileSync(path, await format(replaceBlock(page, totals, path), { ...config, filepath: path }));
}

export function replaceBlock(page: string, totals: string, path: string): string {
  const [begin, end] = [page.indexOf(BLOCK_BEGIN), page.indexOf(BLOCK_END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no lines ${BLOCK_BEGIN} and ${BLOCK_END}`);
  return `${page.slice(0, begin + BLOCK_BEGIN.length)}\n\n${totals}\n\n${page.slice(end)}`;
}
