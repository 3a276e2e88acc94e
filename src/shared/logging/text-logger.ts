import { isatty } from 'node:tty';
import { ConsoleLogger, type LogLevel as NestLogLevel } from '@nestjs/common';
import { LOG_LEVELS, type LogLevel } from '../../config/variables/application.variables.js';
import { contextFields } from './json-logger.js';

/** Logs text for people, with colours on a terminal. */
export class TextLogger extends ConsoleLogger {
  constructor(level: LogLevel) {
    super({ colors: isatty(1), prefix: 'analytics-presence', logLevels: levelsFrom(level) });
  }

  setLevel(level: LogLevel): void {
    this.setLogLevels(levelsFrom(level));
  }

  /** Appends the request and the trace that the line belongs to. */
  protected override stringifyMessage(
    ...[message, level]: Parameters<ConsoleLogger['stringifyMessage']>
  ): string {
    const text = super.stringifyMessage(message, level);
    const ids = Object.entries(contextFields()).map(([name, value]) => ` ${name}=${value}`);
    return text + ids.join('');
  }
}

/** Returns the levels to log by Nest's names. */
function levelsFrom(level: LogLevel): NestLogLevel[] {
  const levels = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  return ['fatal', ...levels.map((each) => (each === 'info' ? 'log' : each))];
}
