import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../../../', import.meta.url);
const SHELL_TIMEOUT_MS = 20_000;
/** Address of `npm start` unless a variable says otherwise; documents write it out. */
const DOCUMENTED = 'http://127.0.0.1:3001';

/** A block of commands and what the document prints below it. */
export interface Step {
  readonly commands: string;
  /** Undefined where the document prints nothing. */
  readonly printed: string | undefined;
}

/** Returns the blocks of shell commands of a document, or of the sections whose heading matches, in their order. */
export function stepsOf(document: string, heading?: RegExp): Step[] {
  const text = readFileSync(fileURLToPath(new URL(document, ROOT)), 'utf8');
  const sections =
    heading === undefined ? [text] : text.split(/^(?=## )/m).filter((one) => heading.test(one));
  const steps: { commands: string; printed: string | undefined }[] = [];
  for (const section of sections) {
    for (const [, language = '', body = ''] of section.matchAll(/^```(\w*)\n(.*?)^```$/gms)) {
      if (/^(?:sh|bash)$/.test(language)) steps.push({ commands: body, printed: undefined });
      else if (/^(?:json|text)$/.test(language)) {
        const last = steps.at(-1);
        if (last !== undefined) last.printed = body;
      }
    }
  }
  return steps;
}

/** A terminal into which a reader pastes one block after another. */
export class Terminal {
  private entered = '';

  /** @param url of the service, which takes the place of the one in the documents */
  constructor(
    private readonly url: string,
    private readonly directory: string,
  ) {}

  /** Runs commands that only set variables, which later ones see. */
  async set(commands: string): Promise<void> {
    await this.run(commands);
    this.entered += `${commands}\n`;
  }

  /** Runs a block, after the assignments of the blocks before it. @returns its standard output */
  async paste(commands: string): Promise<string> {
    const output = await this.run(commands);
    this.entered += `${assignmentsOf(commands)}\n`;
    return output;
  }

  private async run(commands: string): Promise<string> {
    const script = `${this.entered}${commands}`.replaceAll(DOCUMENTED, this.url);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: this.directory,
      timeout: SHELL_TIMEOUT_MS,
      env: { PATH: process.env['PATH'], HOME: this.directory, LC_ALL: 'C.UTF-8' },
    });
    return stdout;
  }
}

/** Lines of a block that begin with an assignment, such as `B=…; J=…` and `DAY=$(date)`. */
function assignmentsOf(commands: string): string {
  return commands
    .split('\n')
    .filter((line) => /^[A-Z]+=/.test(line))
    .join('\n');
}

/** Returns the JSON values that stand one behind the other in a text, with or without line breaks in them. */
export function jsonValuesOf(text: string): unknown[] {
  const values: unknown[] = [];
  let from = 0;
  while (text.slice(from).trim() !== '') {
    let to = text.indexOf('}', from) + 1;
    while (to > 0 && !isJson(text.slice(from, to))) to = text.indexOf('}', to) + 1;
    if (to === 0) throw new Error(`This is not JSON: ${text.slice(from)}`);
    values.push(JSON.parse(text.slice(from, to)));
    from = to;
  }
  return values;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Replaces what differs from day to day by its kind, and keeps the order of fields. */
export function withoutTimes(values: readonly unknown[]): string {
  const text = values.map((value) => JSON.stringify(value, null, 1)).join('\n');
  return text
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '<instant>')
    .replaceAll(/"\d{4}-\d\d-\d\d"/g, '<day>')
    .replaceAll(/("serverTs": )\d+/g, '$1<seconds>');
}

/** Replaces every number, too, and keeps the first element of each list. */
export function shapeOf(values: readonly unknown[]): string {
  const first = JSON.stringify(values, (_key, value: unknown) =>
    Array.isArray(value) ? value.slice(0, 1) : value,
  );
  return withoutTimes(JSON.parse(first) as unknown[]).replaceAll(/: -?[\d.]+/g, ': <number>');
}
