import { extname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { GeneratedFile } from './generated-files.js';

/** Notice at the head of a file, by extension; JSON has no comments. */
const HEADERS: Readonly<Record<string, (notice: string) => string>> = {
  '.md': (notice) => `<!-- ${notice} -->\n\n`,
  '.ts': (notice) => `// ${notice}\n\n`,
  '.json': () => '',
};

/** Returns the text of a generated file, formatted as `npm run format` does and headed by a notice. */
export async function renderFile({ path, madeFrom, content }: GeneratedFile): Promise<string> {
  const notice = `Generated from ${madeFrom} by "npm run docs:generate"; do not edit.`;
  const header = HEADERS[extname(path)];
  if (header === undefined) return `# ${notice}\n#\n${await content()}`;
  const text = header(notice) + (await content());
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
