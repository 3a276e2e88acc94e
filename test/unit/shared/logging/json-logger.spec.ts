import { hostname } from 'node:os';

import { describe, expect, it } from '@jest/globals';

import { BUILD } from '../../../../src/config/build.js';
import { runInContext, type WorkContext } from '../../../../src/shared/context/work-context.js';
import { JsonLogger } from '../../../../src/shared/logging/json-logger.js';

type Line = Readonly<Record<string, unknown>>;

function logging(log: (logger: JsonLogger) => void, level: 'debug' | 'info' | 'error' = 'debug'): Line[] {
  const written: string[] = [];
  log(new JsonLogger(level, (line) => written.push(line)));
  for (const line of written) expect(line).toMatch(/^[^\n]+\n$/);
  return written.map((line) => JSON.parse(line) as Line);
}

describe('a log line in JSON', () => {
  it('names level, time, service, version, instance and context', () => {
    const [line] = logging((logger) => {
      logger.log('Listening', 'Main');
    });
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'analytics-presence',
      version: BUILD.version,
      instance: hostname(),
      pid: process.pid,
      context: 'Main',
      message: 'Listening',
    });
  });

  it('has the name of each level', () => {
    const lines = logging((logger) => {
      for (const level of ['debug', 'log', 'warn', 'error', 'fatal'] as const) logger[level]('x', 'Main');
    });
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'info', 'warn', 'error', 'fatal']);
  });

  it('names the request and the trace of the running code until their work is over', () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };
    const context: WorkContext = { requestId: 'request-1', trace, isOver: false };
    const [during, after] = logging((logger) => {
      runInContext(context, () => {
        logger.warn('during', 'Redis');
        context.isOver = true;
        logger.warn('after', 'Redis');
      });
    });
    expect(during).toMatchObject({ requestId: 'request-1', traceId: trace.traceId, spanId: trace.spanId });
    expect(after).not.toHaveProperty('requestId');
    expect(after).not.toHaveProperty('traceId');
  });

  it('shows errors with their causes, and no property that a driver has added', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('failed', { cause }), { detail: 'Key (user_id)=(42)', query: 'x' });
    const [line] = logging((logger) => {
      logger.error('A job failed', error, { job: 'dau' }, 'Jobs');
    });
    expect(line).toMatchObject({
      message: 'A job failed',
      job: 'dau',
      context: 'Jobs',
      error: { type: 'Error', message: 'failed', cause: { code: 'ECONNREFUSED', message: 'refused' } },
    });
    // The time and the pid of the line may hold the digits as well.
    expect(JSON.stringify({ ...line, time: '', pid: '' })).not.toContain('42');
  });

  it('is one line whatever a text holds, and bounded whatever an error holds', () => {
    const [line] = logging((logger) => {
      logger.error('a\nb\u2028"}', new Error('x'.repeat(1_000_000)), 'Main');
    });
    expect(line?.['message']).toBe('a\nb\u2028"}');
    expect(JSON.stringify(line).length).toBeLessThan(30_000);
  });

  it('is left out below the level, which can be changed', () => {
    const lines = logging((logger) => {
      logger.debug('hidden', 'Main');
      logger.setLevel('debug');
      logger.debug('shown', 'Main');
      logger.setLevel('info');
      logger.debug('hidden', 'Main');
      logger.log('shown', 'Main');
    }, 'error');
    expect(lines.map(({ message }) => message)).toEqual(['shown', 'shown']);
  });
});
