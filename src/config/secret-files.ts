import { readFileSync, statSync } from 'node:fs';
import { SECRET_VARIABLES } from './variables/catalogue.js';

/** Ends the name of the variable that names the file of a secret. */
export const FILE_SUFFIX = '_FILE';
/** A secret is a line; whatever is longer is another file. */
const MAX_FILE_BYTES = 65_536;
const NOT_SHOWN = 'its value is not shown, because it may be secret';

type Raw = Readonly<Record<string, string | undefined>>;

/** The value of a variable: where it comes from, and what is wrong with its file. */
export interface GivenValue {
  /** Undefined when the variable is not set. */
  readonly text: string | undefined;
  /** The variable that an operator has to look at. */
  readonly source: string;
  readonly problem: string | null;
}

/**
 * Returns the value of a variable, for secrets also from the file that `NAME_FILE` names. An empty value and an empty
 * file count as unset. No message repeats a path, which may be a secret in the wrong place.
 */
export function valueOf(raw: Raw, name: string): GivenValue {
  const text = raw[name]?.trim() || undefined;
  const source = `${name}${FILE_SUFFIX}`;
  const path = SECRET_VARIABLES.has(name) ? raw[source]?.trim() : undefined;
  if (!path) return { text, source: name, problem: null };
  if (text !== undefined) {
    const problem = `${source} and ${name} must not both be set: remove one of them`;
    return { text: undefined, source, problem };
  }
  const file = readSecret(path);
  return 'text' in file
    ? { text: file.text || undefined, source, problem: null }
    : {
        text: undefined,
        source,
        problem: `${source} must name ${file.rule}, ${file.seen}; ${NOT_SHOWN}: ${file.next}`,
      };
}

type SecretFile =
  { readonly text: string } | { readonly rule: string; readonly seen: string; readonly next: string };

function readSecret(path: string): SecretFile {
  let content: string;
  try {
    const file = statSync(path);
    if (!file.isFile()) {
      // The settings are read twice, and a pipe gives its text once.
      return { rule: 'a regular file', seen: 'it names something else', next: 'write the secret to a file' };
    }
    const { size } = file;
    if (size > MAX_FILE_BYTES) {
      const rule = `a file of at most ${MAX_FILE_BYTES} bytes`;
      return { rule, seen: `it names one of ${size}`, next: 'correct the path' };
    }
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const seen = `reading it ended with ${code ?? 'an unknown reason'}`;
    return { rule: 'a readable file', seen, next: 'correct the path or the rights of the file' };
  }
  const text = content.replace(/^\uFEFF/, '').trim();
  const lines = text.split(/\r\n|\r|\n/).length;
  if (lines === 1) return { text };
  return {
    rule: 'a file of one line',
    seen: `it names one of ${lines}`,
    next: 'keep each secret in a file of its own',
  };
}

/** Returns the variable whose problem it is: `NAME` for `NAME_FILE`. */
export function withoutFileSuffix(name: string): string {
  const variable = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : name;
  return SECRET_VARIABLES.has(variable) ? variable : name;
}
