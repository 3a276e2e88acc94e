import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { QueryBus } from '@nestjs/cqrs';
import type { OutboxLaneStatus } from '../../../../../src/application/ports/outbox-lanes.port.js';
import type { OutboxTarget } from '../../../../../src/application/queries/get-outbox-status/get-outbox-status.query.js';
import type { Readiness } from '../../../../../src/application/queries/get-readiness/get-readiness.query.js';
import { GetServiceStatusHandler } from '../../../../../src/application/queries/get-service-status/get-service-status.handler.js';
import type { ServiceStatus } from '../../../../../src/application/queries/get-service-status/get-service-status.query.js';
import { DependencyHistory } from '../../../../../src/application/services/dependency-history.service.js';
import { StatusReadings } from '../../../../../src/application/services/status-readings.service.js';
import { outboxLane } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

const SILENT = new Promise<never>(() => undefined);

let clock: FixedClock;
let history: DependencyHistory;
let readiness: Readiness;
let readLanes: () => Promise<OutboxLaneStatus[]>;
let countLag: () => Promise<number>;

beforeEach(() => {
  clock = new FixedClock();
  history = new DependencyHistory(clock);
  readiness = { status: 'ok', dependencies: { database: 'up' }, clock: 'ok' };
  readLanes = async () => [outboxLane(0)];
  countLag = async () => 0;
});

afterEach(() => {
  jest.useRealTimers();
});

function handler(target: OutboxTarget = 'kafka'): GetServiceStatusHandler {
  const queryBus = { execute: async () => readiness } as unknown as QueryBus;
  const readings = new StatusReadings(
    clock,
    queryBus,
    { readStatus: () => readLanes() },
    { countMessages: () => countLag() },
  );
  return new GetServiceStatusHandler(readings, history, target);
}

describe('GetServiceStatusHandler', () => {
  it('returns each dependency with its start, the outbox and the lag, each with the instant of its reading', async () => {
    history.note('database', true);
    const since = clock.now();
    clock.advance(60_000);
    readLanes = async () => [
      outboxLane(0, { waiting: 2, oldestSeconds: 30.5 }),
      outboxLane(1, { waiting: 5, oldestSeconds: 125.2, failures: 3 }),
    ];
    countLag = async () => 42;
    const asOf = clock.now();
    expect(await handler().execute()).toEqual({
      status: 'ok',
      clock: 'ok',
      asOf,
      dependencies: [{ name: 'database', status: 'up', since }],
      outbox: { state: 'ok', waiting: 7, oldestSeconds: 125.2, failingLanes: 1, target: 'kafka', asOf },
      identityConsumer: { state: 'ok', lagMessages: 42, asOf },
    });
  });

  it('returns no consumer where no broker is configured, and asks none', async () => {
    countLag = () => Promise.reject(new Error('asked'));
    expect(await handler('log').execute()).toMatchObject({
      outbox: { target: 'log', oldestSeconds: null },
      identityConsumer: null,
    });
  });

  it('calls a part unknown whose store fails, and answers all the same', async () => {
    readiness = { status: 'unavailable', dependencies: { database: 'down' }, clock: 'ok' };
    readLanes = () => Promise.reject(new Error('unavailable'));
    countLag = () => Promise.reject(new Error('unavailable'));
    expect(await handler().execute()).toMatchObject({
      status: 'unavailable',
      dependencies: [{ name: 'database', status: 'down' }],
      outbox: { state: 'unknown', waiting: null, oldestSeconds: null, failingLanes: null },
      identityConsumer: { state: 'unknown', lagMessages: null },
    });
  });

  it('calls a part unknown that does not answer before the limit of a request', async () => {
    jest.useFakeTimers();
    readLanes = () => SILENT;
    let status: ServiceStatus | undefined;
    void handler()
      .execute()
      .then((answer) => (status = answer));
    await jest.advanceTimersByTimeAsync(1_500);
    expect(status).toMatchObject({ outbox: { state: 'unknown' }, identityConsumer: { state: 'ok' } });
  });

  it('reads each store once, however many ask at once and again a second later', async () => {
    const reads = { lanes: 0, lag: 0 };
    readLanes = async () => (reads.lanes++, [outboxLane(0)]);
    countLag = async () => reads.lag++;
    const shared = handler();
    await Promise.all(Array.from({ length: 100 }, () => shared.execute()));
    clock.advance(1_000);
    await Promise.all(Array.from({ length: 100 }, () => shared.execute()));
    expect(reads).toEqual({ lanes: 1, lag: 1 });
    clock.advance(10_000);
    await shared.execute();
    expect(reads).toEqual({ lanes: 2, lag: 2 });
  });
});
