import { describe, expect, it } from '@jest/globals';
import { GetRealtimeDauHandler } from '../../../../../src/application/queries/get-realtime-dau/get-realtime-dau.handler.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { NOW, TODAY, YESTERDAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';
import { applicationError } from '../../../expectations.js';

describe('GetRealtimeDauHandler', () => {
  it('trap 1: returns the figure of today in Shanghai and its standard error', async () => {
    const realtimeDau = new InMemoryRealtimeDau();
    await realtimeDau.add(TODAY, ['u:1', 'u:2']);
    await realtimeDau.add(YESTERDAY, ['u:1']);
    const handler = new GetRealtimeDauHandler(new FixedClock(), realtimeDau);
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
    realtimeDau.failure = dependencyUnavailable('redis', new Error('away'));
    await expect(new GetRealtimeDauHandler(new FixedClock(), realtimeDau).execute()).rejects.toEqual(
      applicationError('redis_unavailable', 'unavailable'),
    );
  });
});
