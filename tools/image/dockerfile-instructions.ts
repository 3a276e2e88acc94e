import { CheckFailedError } from '../support/check-steps.js';

export interface Instruction {
  /** Upper-case name of the instruction. */
  readonly keyword: string;
  /** The rest of the line, with its continued lines joined. */
  readonly text: string;
}

/** Splits a Dockerfile into its instructions, without comments. */
export function readInstructions(dockerfile: string): Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword, text] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
      if (keyword === undefined || text === undefined) return rejectInstruction({ keyword: line, text: '' });
      return { keyword: keyword.toUpperCase(), text };
    });
}

/** Splits `--name=value` flags from the arguments behind them; the last of a repeated flag counts. */
export function splitFlags(text: string): { flags: Readonly<Record<string, string>>; rest: string } {
  const flags: Record<string, string> = {};
  let rest = text;
  for (;;) {
    const [flag, name, value] = /^--([a-z-]+)=(\S+)\s+/.exec(rest) ?? [];
    if (flag === undefined || name === undefined || value === undefined) return { flags, rest };
    flags[name] = value;
    rest = rest.slice(flag.length);
  }
}

/** Reads the `name=value` pairs of ENV and LABEL; a value may be quoted. */
export function readAssignments(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S*))/g)].map(([, name = '', quoted, bare = '']) => [
      name,
      quoted ?? bare,
    ]),
  );
}

/**
 * Reads a command in exec form. The shell form is rejected: with it the shell is process 1 and receives the signals.
 */
export function readExecForm(instruction: Instruction, text: string): readonly string[] {
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : rejectInstruction(instruction);
}

/** @throws CheckFailedError always: the check must not follow a Dockerfile that it understands in part only */
export function rejectInstruction({ keyword, text }: Instruction): never {
  throw new CheckFailedError(
    `The image check does not support this line of the Dockerfile: ${keyword} ${text}`,
  );
}
