import { format, resolveConfig } from 'prettier';
import type { GeneratedFile } from './generated-files.js';

/** Returns the text of a generated file; Markdown is formatted as `npm run format` does. */
export async function renderFile({ path, content }: GeneratedFile): Promise<string> {
  if (!path.endsWith('.md')) return content();
  return format(content(), { ...(await resolveConfig(path)), filepath: path });
}
