import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The document of the page, and the directory of the files whose names change with their content. */
const DOCUMENT = 'index.html';
const HASHED = /^assets\/.+-[\w-]{8,}\.\w+$/;

export interface PageFile {
  /** Path in the directory of the built page, with slashes. */
  readonly name: string;
  /** True when a new content has a new name, so that nobody has to ask for it twice. */
  readonly isImmutable: boolean;
}

/**
 * Lists the files of the built page, hidden ones left out. The service serves these alone.
 *
 * @returns null when the page is not built
 */
export function findPage(directory: string): PageFile[] | null {
  const names = listFiles(directory);
  if (!names.includes(DOCUMENT)) return null;
  return names.map((name) => ({ name, isImmutable: HASHED.test(name) }));
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep))
      .filter((parts) => !parts.some((part) => part.startsWith('.')))
      .map((parts) => parts.join('/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
