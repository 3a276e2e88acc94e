import { hostname } from 'node:os';
import type { LoggerService } from '@nestjs/common';
import { pino, stdTimeFunctions, type Logger as PinoLogger } from 'pino';
import { BUILD } from '../../config/build.js';
import type { LogLevel } from '../../config/variables/application.variables.js';
import { currentContext } from '../context/work-context.js';
import { toErrorFields } from './error-fields.js';

export const SERVICE_NAME = 'analytics-presence';

interface Line {
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Logs one JSON object a line; docs/operations.md lists the fields. */
export class JsonLogger implements LoggerService {
  private readonly pino: PinoLogger;

  constructor(level: LogLevel, write: (line: string) => void) {
    this.pino = pino(
      {
        level,
        messageKey: 'message',
        timestamp: stdTimeFunctions.isoTime,
        base: { service: SERVICE_NAME, version: BUILD.version, instance: hostname(), pid: process.pid },
        formatters: { level: (label) => ({ level: label }) },
        mixin: contextFields,
      },
      // The stream of the process, as its error handler and its synchronous writes are wanted here too.
      { write },
    );
  }

  setLevel(level: LogLevel): void {
    this.pino.level = level;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  private write(
    level: 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { text, fields } = toLine(message, rest);
    this.pino[level](fields, text);
  }
}

/** Names the request and the trace of the running code. */
export function contextFields(): Record<string, string> {
  const context = currentContext();
  if (context === null) return {};
  const { requestId, trace } = context;
  return {
    ...(requestId !== null && { requestId }),
    ...(trace !== null && { traceId: trace.traceId, spanId: trace.spanId }),
  };
}

/** Reads the arguments of Nest's logger: a message, errors, stacks and fields, and at last the context. */
function toLine(message: unknown, rest: readonly unknown[]): Line {
  const last = rest.at(-1);
  const context = typeof last === 'string' ? last : undefined;
  const texts: string[] = [];
  const fields: Record<string, unknown> = {};
  for (const part of [message, ...(context === undefined ? rest : rest.slice(0, -1))]) {
    if (part instanceof Error) {
      fields['error'] = toErrorFields(part);
      if (part === message) texts.push(part.message);
    } else if (typeof part === 'object' && part !== null) Object.assign(fields, part);
    else if (typeof part === 'string') texts.push(part);
    else if (part !== undefined) texts.push(JSON.stringify(part));
  }
  if (context !== undefined) fields['context'] = context;
  return { text: texts.join('\n'), fields };
}
