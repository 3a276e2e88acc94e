import type { CommandDefinition, CommandOption } from './command-definition.js';

/** Longer lists of options are named as a whole in the usage. */
const SHOWN_OPTIONS = 4;

/** Returns the line that shows the form of the command, and where the details are. */
export function usageOf(definition: CommandDefinition<unknown>): string {
  return `Usage: ${callOf(definition)}\nIts help: npm run ${definition.name} -- --help`;
}

export function helpOf(definition: CommandDefinition<unknown>): string {
  const { name, summary, positionals = [], options = {}, examples, notes = [] } = definition;
  const rows = [
    ...positionals.map((positional) => [positional.name, positional.help] as const),
    ...Object.entries(options).map(
      ([option, declared]) => [nameOf(option, declared), declared.help] as const,
    ),
    ['--help, -h', 'shows this text and does nothing'] as const,
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: ${callOf(definition)}`,
    '',
    summary,
    '',
    ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
    '',
    'Examples:',
    ...examples.map((example) => `  npm run ${name}${example === '' ? '' : ` -- ${example}`}`),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

function callOf({ name, positionals = [], options = {} }: CommandDefinition<unknown>): string {
  const optional = positionals.filter(({ required }) => required !== true);
  const nested = optional.reduceRight(
    (inner, { name: each, repeated }) =>
      `[${each}${repeated === true ? ' …' : ''}${inner === '' ? '' : ` ${inner}`}]`,
    '',
  );
  const entries = Object.entries(options);
  const shown =
    entries.length > SHOWN_OPTIONS
      ? ['[OPTIONS]']
      : entries.map(
          ([option, declared]) => `[${nameOf(option, declared)}]${declared.multiple === true ? ' …' : ''}`,
        );
  const parts = [
    ...positionals.filter(({ required }) => required === true).map(({ name: each }) => each),
    ...(nested === '' ? [] : [nested]),
    ...shown,
  ];
  return `npm run ${name}${parts.length === 0 ? '' : ` -- ${parts.join(' ')}`}`;
}

function nameOf(option: string, { value }: CommandOption): string {
  return value === undefined ? `--${option}` : `--${option}=${value}`;
}
