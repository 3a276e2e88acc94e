import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './environment.js';
import { NODE_ENVS } from './variables/application.variables.js';

/**
 * Adds the variables of `.env.<NODE_ENV>` and of `.env` to an environment. A variable of the environment wins over both
 * files, and one of `.env.<NODE_ENV>` over `.env`, which may itself set NODE_ENV.
 *
 * @param environment receives the variables that it does not have
 * @throws ConfigurationError when a file is there and cannot be read
 */
export function addEnvironmentFiles(
  environment: Record<string, string | undefined>,
  directory: string,
): void {
  const common = readEnvironmentFile(join(directory, '.env'));
  const stage = (environment['NODE_ENV'] ?? common['NODE_ENV'])?.trim() || 'development';
  const ofStage = NODE_ENVS.some((known) => known === stage)
    ? readEnvironmentFile(join(directory, `.env.${stage}`))
    : {};
  for (const [name, value] of Object.entries({ ...common, ...ofStage })) environment[name] ??= value;
}

function readEnvironmentFile(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `${basename(path)} must be a readable file of lines NAME=value, reading it failed with ${code}: correct or remove it`,
    ]);
  }
}
