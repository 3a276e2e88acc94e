import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../app.module.js';
import { loadConfiguration, readEnvironment } from '../../config/configuration.js';
import { prepareDatabase } from '../../infrastructure/embedded/prepare-database.js';
import type { CommandDefinition } from './command-definition.js';
import { runScript, scriptLogger } from './script.js';
import { UsageError } from './usage-error.js';

export interface CommandContext {
  readonly app: INestApplicationContext;
  /** Aborted by Ctrl-C: finish the in-flight work and return. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command with the application, without its server and its jobs. Joins a running embedded database or starts
 * it for the duration of the command. Ends the process as {@link runScript} does.
 */
export async function runCommand<Arguments>(
  definition: CommandDefinition<Arguments>,
  work: (given: Arguments, context: CommandContext) => Promise<number>,
): Promise<void> {
  await runScript(definition, (given, signal) => withApplication((context) => work(given, context), signal));
}

/** Starts the application for `work`. */
export async function withApplication(
  work: (context: CommandContext) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  const database = await prepareDatabase(loadConfiguration(readEnvironment()), (line) => {
    console.error(line);
  });
  try {
    return await withContext(AppModule.register(database.config, { role: 'command' }), (app) =>
      work({ app, signal }),
    );
  } finally {
    await database.release();
  }
}

/** Starts only the use cases on dead letters for `work`, without a database. */
export async function withDeadLetters(
  work: (app: INestApplicationContext) => Promise<number>,
): Promise<number> {
  const { kafka } = loadConfiguration(readEnvironment());
  if (kafka === null) {
    throw new UsageError('KAFKA_BROKERS is not set: there is no Kafka to read dead letters from');
  }
  return withContext(AppModule.forDeadLetters(kafka), work);
}

async function withContext(
  module: DynamicModule,
  work: (app: INestApplicationContext) => Promise<number>,
): Promise<number> {
  const app = await NestFactory.createApplicationContext(module, {
    logger: scriptLogger,
    abortOnError: false,
  });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
