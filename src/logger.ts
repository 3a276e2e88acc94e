import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';
import type { AppConfig } from './config/app.config.js';
import { LOG_LEVELS } from './config/environment.js';

/** Contexts of Nest's own start-up lines, which are logged at debug level. */
const QUIET_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Logs one JSON object a line in production, and coloured text in development. */
export class AppLogger extends ConsoleLogger {
  constructor({ nodeEnv, logLevel }: Pick<AppConfig, 'nodeEnv' | 'logLevel'>) {
    super({
      json: nodeEnv === 'production',
      colors: nodeEnv !== 'production' && isatty(1),
      prefix: 'analytics-presence',
      logLevels: ['fatal', ...LOG_LEVELS.slice(LOG_LEVELS.indexOf(logLevel))],
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && QUIET_CONTEXTS.has(context)) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
