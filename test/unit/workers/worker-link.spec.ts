import { EventEmitter, once } from 'node:events';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Gauge } from 'prom-client';

import { metricsRegistry } from '../../../src/shared/metrics/metrics.js';
import { linkToPrimary, type PrimaryChannel } from '../../../src/worker-link.js';

const NAME = 'unreadable';

/** The primary process as a worker sees it. */
class FakeChannel extends EventEmitter {
  readonly connected = true;
  readonly sent: unknown[] = [];

  send(message: unknown): boolean {
    this.sent.push(message);
    this.emit('sent');
    return true;
  }
}

let channel: FakeChannel;
let orders: unknown[];
let errors: EventEmitter;

beforeEach(() => {
  errors = new EventEmitter();
  const error = (message: unknown): boolean => errors.emit('logged', message);
  Logger.overrideLogger({ log: () => 0, warn: () => 0, error });
  channel = new FakeChannel();
  orders = [];
  linkToPrimary(
    { onStop: (reason) => orders.push(reason), onLogLevel: (level) => orders.push(level) },
    channel as unknown as PrimaryChannel,
  );
});

afterEach(() => {
  Logger.overrideLogger(false);
  metricsRegistry.removeSingleMetric(NAME);
});

describe('the link of a worker to the primary process', () => {
  it('says that it hears, and obeys from then on', () => {
    expect(channel.sent).toEqual([{ type: 'linked' }]);
    channel.emit('message', { type: 'log-level', level: 'debug' });
    channel.emit('message', { type: 'stop', reason: 'SIGTERM' });
    expect(orders).toEqual(['debug', 'SIGTERM']);
  });

  it('says regularly that it is alive', () => {
    jest.useFakeTimers();
    try {
      const regular = new FakeChannel();
      const ignore = (): void => undefined;
      linkToPrimary({ onStop: ignore, onLogLevel: ignore }, regular as unknown as PrimaryChannel);
      jest.advanceTimersByTime(60_000);
      expect(regular.sent.slice(1)).toEqual(Array.from({ length: 12 }, () => ({ type: 'alive' })));
    } finally {
      jest.useRealTimers();
    }
  });

  it('outlives metrics that cannot be read, and reports them once they can', async () => {
    const collect = (): never => {
      throw new Error('no figures');
    };
    new Gauge({ name: NAME, help: 'Fails', registers: [metricsRegistry], collect });
    const logged = once(errors, 'logged');
    channel.emit('message', { type: 'report-metrics', id: 1 });
    expect(await logged).toEqual(['The metrics of this worker could not be read']);
    metricsRegistry.removeSingleMetric(NAME);
    const sent = once(channel, 'sent');
    channel.emit('message', { type: 'report-metrics', id: 2 });
    await sent;
    expect(channel.sent).toContainEqual({ type: 'metrics', id: 2, metrics: expect.any(Array) });
  });
});
