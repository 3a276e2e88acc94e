import { Logger } from '@nestjs/common';
import { describe, expect, it, jest } from '@jest/globals';
import { GetRealtimeDauHandler } from '../../../../../src/application/queries/get-realtime-dau/get-realtime-dau.handler.js';
import { RealtimeDauRepair } from '../../../../../src/application/services/realtime-dau-repair.service.js';
import { StaleDays } from '../../../../../src/application/services/stale-days.service.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { NOW, TODAY, YESTERDAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';
import { applicationError } from '../../../expectations.js';

Logger.overrideLogger(false);

function handlerOf(
  realtimeDau: InMemoryRealtimeDau,
  actives: InMemoryDailyActives = new InMemoryDailyActives(),
): GetRealtimeDauHandler {
  const clock = new FixedClock();
  const repair = new RealtimeDauRepair(realtimeDau, actives, new StaleDays(clock));
  return new GetRealtimeDauHandler(clock, realtimeDau, repair);
}

describe('GetRealtimeDauHandler', () => {
  it('answers the complete figure, and never 0, right after a start', async () => {
    const actives = new InMemoryDailyActives();
    for (let n = 0; n < 7; n++) actives.add(TODAY, `u:${n}`);
    expect(await handlerOf(new InMemoryRealtimeDau(), actives).execute()).toMatchObject({ dauCount: 7 });
  });

  it('says that the figure is not verified while the comparison takes longer than a request may', async () => {
    jest.useFakeTimers();
    const actives = new InMemoryDailyActives();
    actives.readTotals = () => new Promise(() => undefined);
    const refused = expect(handlerOf(new InMemoryRealtimeDau(), actives).execute()).rejects.toEqual(
      applicationError('realtime_dau_unverified', 'unavailable'),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    await refused;
    jest.useRealTimers();
  });

  it('answers a figure verified before while the database is unavailable', async () => {
    const actives = new InMemoryDailyActives();
    const realtimeDau = new InMemoryRealtimeDau();
    await realtimeDau.add(TODAY, ['u:1']);
    const handler = handlerOf(realtimeDau, actives);
    await handler.execute();
    actives.failure = dependencyUnavailable('database', new Error('away'));
    expect(await handler.execute()).toMatchObject({ dauCount: 1 });
    realtimeDau.connection++;
    await expect(handler.execute()).rejects.toEqual(applicationError('database_unavailable', 'unavailable'));
  });

  it('trap 1: returns the figure of today in Shanghai and its standard error', async () => {
    const realtimeDau = new InMemoryRealtimeDau();
    await realtimeDau.add(TODAY, ['u:1', 'u:2']);
    await realtimeDau.add(YESTERDAY, ['u:1']);
    const handler = handlerOf(realtimeDau);
    expect(await handler.execute()).toEqual({
      day: TODAY,
      dauCount: 2,
      method: 'hyperloglog',
      standardError: 0.0081,
      queriedAt: NOW,
    });
  });

  it('fails when Redis is unavailable', async () => {
    const realtimeDau = new InMemoryRealtimeDau();
    const actives = new InMemoryDailyActives().add(TODAY, 'u:1');
    realtimeDau.failure = dependencyUnavailable('redis', new Error('away'));
    await expect(handlerOf(realtimeDau, actives).execute()).rejects.toEqual(
      applicationError('redis_unavailable', 'unavailable'),
    );
  });
});
