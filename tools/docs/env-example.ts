import { SECTIONS } from '../../src/config/variables/catalogue.js';
import type { Section, Variable } from '../../src/config/variables/variable.js';
import { foreignSections } from './foreign-variables.js';

const LINE_LENGTH = 120;

const HEADER = [
  '# Every variable the service reads. Copy this file to .env, beside package.json:',
  '#',
  '#   cp .env.example .env',
  '#',
  ...comment(
    'The unchanged copy starts everything on this machine: an embedded PostgreSQL, presence in process, Kafka off. ' +
      'A line "# NAME=value" is a variable that is not set; remove the "# " to set it. The environment wins over ' +
      '.env.<NODE_ENV>, such as .env.production, and that file over .env. An empty value counts as unset. ' +
      'NAME_FILE may name a file with the value of a secret NAME. All variables are checked at start, and every problem is listed at once.',
  ),
].join('\n');

/** Returns `.env.example`: every variable, explained; those without a fixed default are commented out. */
export function envExample(): string {
  const own = SECTIONS.map(({ title, variables }: Section) => [
    heading(title.en),
    ...Object.entries(variables).map(([name, variable]) => ownVariable(name, variable)),
  ]);
  const foreign = foreignSections().map(({ title, introduction, variables }) => [
    heading(title.en),
    ...(introduction === null ? [] : [comment(introduction.en).join('\n')]),
    ...variables.map(({ name, example, description }) =>
      [...comment(description.en), `# ${name}=${example}`].join('\n'),
    ),
  ]);
  return `${[HEADER, ...own.flat(), ...foreign.flat()].join('\n\n')}\n`;
}

function heading(title: string): string {
  return `# --- ${title} `.padEnd(LINE_LENGTH, '-');
}

function ownVariable(name: string, variable: Variable<unknown>): string {
  const { type, unset, description, example } = variable;
  const variesByStage = variable.default !== variable.productionDefault;
  const isSet = unset === null && !variesByStage;
  return [
    ...comment(description.en),
    ...comment(`Value: ${type.accepts.en}.`),
    ...(unset === null
      ? []
      : comment(`Unset: ${unset.en}${variable.isRequiredInProduction ? '; production requires it' : ''}.`)),
    ...(variesByStage
      ? comment(`Unset: ${String(variable.default)}, in production ${String(variable.productionDefault)}.`)
      : []),
    `${isSet ? '' : '# '}${name}=${example}`,
  ].join('\n');
}

/** Wraps a text into comment lines. Drops backticks, or turns them into quotes around spaces and signs. */
function comment(text: string): string[] {
  const plain = text.replaceAll(/`([^`]+)`/g, (_, quoted: string) =>
    /\s/.test(quoted) || !/[a-z\d]/i.test(quoted) ? `"${quoted}"` : quoted,
  );
  const lines: string[] = [];
  let line = '#';
  for (const word of plain.split(' ')) {
    if (line.length + 1 + word.length > LINE_LENGTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
