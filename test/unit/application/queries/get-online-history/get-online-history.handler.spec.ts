import { describe, expect, it } from '@jest/globals';
import { GetOnlineHistoryHandler } from '../../../../../src/application/queries/get-online-history/get-online-history.handler.js';
import {
  GetOnlineHistoryQuery,
  type OnlineHistoryResult,
} from '../../../../../src/application/queries/get-online-history/get-online-history.query.js';
import {
  HISTORY_INTERVALS,
  MAX_HISTORY_DAYS,
  type HistoryInterval,
} from '../../../../../src/shared/rules/history-interval.rule.js';
import { DAY_MS, earlier, later, MINUTE_MS, NOW } from '../../../../support/builders.js';
import { InMemoryOnlineSnapshots } from '../../../../support/contracts/online-snapshot-repository/fake.js';
import { domainError } from '../../../expectations.js';

const INVALID = domainError('time_range_invalid');

function ask(
  spanMs: number,
  interval: HistoryInterval = '5m',
  snapshots = new InMemoryOnlineSnapshots(),
): Promise<OnlineHistoryResult> {
  return new GetOnlineHistoryHandler(snapshots).execute(
    new GetOnlineHistoryQuery(earlier(NOW, spanMs), NOW, interval),
  );
}

describe('GetOnlineHistoryHandler', () => {
  it('queries the half-open range and returns the interval', async () => {
    const snapshots = new InMemoryOnlineSnapshots();
    expect(await ask(MINUTE_MS, '1m', snapshots)).toEqual({ interval: '1m', buckets: [], peak: null });
    expect(snapshots.asked).toEqual([
      { range: { start: earlier(NOW, MINUTE_MS), end: NOW }, interval: '1m' },
    ]);
  });

  it.each([0, -1, -DAY_MS])('rejects a range of %i ms', async (spanMs) => {
    await expect(ask(spanMs)).rejects.toEqual(INVALID);
  });

  it('accepts a range of one millisecond', async () => {
    await expect(ask(1)).resolves.toBeDefined();
  });

  it('has the documented limits', () => {
    expect(MAX_HISTORY_DAYS).toEqual({ '1m': 7, '5m': 35, '1h': 366 });
  });

  it.each(HISTORY_INTERVALS)(
    'accepts exactly the longest range at %s and not a millisecond more',
    async (interval) => {
      const longest = MAX_HISTORY_DAYS[interval] * DAY_MS;
      await expect(ask(longest, interval)).resolves.toBeDefined();
      await expect(ask(longest + 1, interval)).rejects.toEqual(INVALID);
    },
  );

  it.each([
    ['before 2000', '1999-12-31T23:59:59.999Z', '2000-01-01T01:00:00Z'],
    ['after 2100', '2099-12-31T23:00:00Z', '2100-01-01T00:00:00.001Z'],
    ['at the end of time', '+275760-09-12T00:00:00Z', '+275760-09-13T00:00:00Z'],
  ])('rejects a range %s', async (_, start, end) => {
    const query = new GetOnlineHistoryQuery(new Date(start), new Date(end), '1h');
    await expect(new GetOnlineHistoryHandler(new InMemoryOnlineSnapshots()).execute(query)).rejects.toEqual(
      INVALID,
    );
  });

  it('names the field at fault', async () => {
    await expect(ask(0)).rejects.toMatchObject({ field: 'endTime' });
  });

  it('accepts a range in the future', async () => {
    const query = new GetOnlineHistoryQuery(NOW, later(NOW, DAY_MS), '1h');
    await expect(
      new GetOnlineHistoryHandler(new InMemoryOnlineSnapshots()).execute(query),
    ).resolves.toBeDefined();
  });
});
