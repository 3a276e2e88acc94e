import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../app.module.js';
import { loadConfiguration, readEnvironment, type ReadyConfiguration } from '../../config/configuration.js';
import { prepareDatabase } from '../../infrastructure/embedded/prepare-database.js';
import { runScript, scriptLogger } from './script.js';

export { UsageError } from './usage-error.js';

export interface CommandContext {
  readonly app: INestApplicationContext;
  readonly config: ReadyConfiguration;
  /** Aborted by Ctrl-C: finish what is under way and end. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command with the application but without its server and its jobs. Works beside a running service, and alone:
 * it joins the embedded database, or starts it for its own duration. Ends the process as {@link runScript} does.
 */
export async function runCommand(work: (context: CommandContext) => Promise<number>): Promise<void> {
  await runScript((signal) => withApplication(work, signal));
}

/** For what is to be found out before the application starts, such as a wrong command line. */
export async function withApplication(
  work: (context: CommandContext) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  const database = await prepareDatabase(loadConfiguration(readEnvironment()), (line) => {
    console.error(line);
  });
  try {
    const app = await NestFactory.createApplicationContext(
      AppModule.register(database.config, { role: 'command' }),
      {
        logger: scriptLogger,
        abortOnError: false,
      },
    );
    try {
      return await work({ app, config: database.config, signal });
    } finally {
      await app.close();
    }
  } finally {
    await database.release();
  }
}
