import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';
import type { AppConfig } from './config/app.config.js';
import { LOG_LEVELS } from './config/variables/application.variables.js';

/** What the framework says of its own start is of interest only when something is wrong with it. */
const QUIET_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** One JSON object a line in production, for people elsewhere. */
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
