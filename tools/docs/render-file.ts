import { format, resolveConfig } from 'prettier';
import type { GeneratedFile } from './generated-files.js';

/** Returns the text of a generated file, formatted as `npm run format` does and headed by a notice; JSON has none. */
export async function renderFile({ path, madeFrom, content }: GeneratedFile): Promise<string> {
  const notice = `Generated from ${madeFrom} by "npm run docs:generate"; do not edit.`;
  if (!/\.(md|json)$/.test(path)) return `# ${notice}\n#\n${content()}`;
  const text = path.endsWith('.json') ? content() : `<!-- ${notice} -->\n\n${content()}`;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
