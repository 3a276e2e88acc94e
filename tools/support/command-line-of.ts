import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { parseCommandLine } from '../../src/cli/support/command-line.js';
import { UsageError } from '../../src/cli/support/usage-error.js';

/** Returns the arguments of this process; prints the help, or the mistake with exit code 2, and ends it otherwise. */
export function commandLineOf<Arguments>(definition: CommandDefinition<Arguments>): Arguments {
  try {
    const commandLine = parseCommandLine(definition, process.argv.slice(2));
    if (commandLine.help === null) return commandLine.given;
    console.log(commandLine.help);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
