import type { LoggerService } from '@nestjs/common';
import type { AppConfig } from './config/app.config.js';
import type { LogLevel } from './config/variables/application.variables.js';
import { JsonLogger } from './shared/logging/json-logger.js';
import { TextLogger } from './shared/logging/text-logger.js';

/** Contexts of Nest's own start-up lines, which are logged at debug level. */
const QUIET_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Logs one JSON object a line in production, and text elsewhere. */
export class AppLogger implements LoggerService {
  private readonly target: JsonLogger | TextLogger;
  private level: LogLevel;

  constructor({ nodeEnv, logLevel }: Pick<AppConfig, 'nodeEnv' | 'logLevel'>) {
    this.level = logLevel;
    this.target =
      nodeEnv === 'production'
        ? new JsonLogger(logLevel, (line) => process.stdout.write(line))
        : new TextLogger(logLevel);
  }

  /** Changes the lowest level that is logged, for all who log. */
  setLevel(level: LogLevel): void {
    this.level = level;
    this.target.setLevel(level);
  }

  get currentLevel(): LogLevel {
    return this.level;
  }

  log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && QUIET_CONTEXTS.has(context)) this.target.debug(message, ...rest);
    else this.target.log(message, ...rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(message, ...rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(message, ...rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.target.fatal(message, ...rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(message, ...rest);
  }
}
