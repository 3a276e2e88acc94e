import { describe, expect, it } from '@jest/globals';
import {
  activeCount,
  HOUR_MS,
  later,
  NOW,
  YESTERDAY,
  storedStats,
} from '../../../../test/support/builders.js';
import { domainError } from '../../../../test/unit/expectations.js';
import { DauCalculatedEvent } from '../../events/dau-calculated.event.js';
import { DailyActiveStats } from './daily-active-stats.aggregate.js';
import { DailyActiveStatsFactory } from './daily-active-stats.factory.js';

const INCONSISTENT = domainError('dau_inconsistent', { kind: 'conflict' });
const AN_HOUR_LATER = later(NOW, HOUR_MS);

describe('DailyActiveStats', () => {
  describe('the first calculation', () => {
    const create = (): DailyActiveStats =>
      DailyActiveStats.create(YESTERDAY, activeCount(3, { 广东: 2 }, { 深圳: 1 }), NOW);

    it('is version 1, with the figures of the count', () => {
      expect(create()).toMatchObject({
        day: YESTERDAY,
        dauCount: 3,
        dauByProvince: new Map([['广东', 2]]),
        dauByCity: new Map([['深圳', 1]]),
        calculatedAt: NOW,
        version: 1,
      });
    });

    it('trap 6: collects one event, for the repository to store with the figures', () => {
      expect(create().getUncommittedEvents()).toEqual([new DauCalculatedEvent(YESTERDAY, 3, 1, NOW)]);
    });
  });

  describe('a later calculation', () => {
    it('raises the version by one and replaces the figures', () => {
      const stats = storedStats({ version: 7, dauCount: 3, dauByCity: new Map([['深圳', 3]]) });
      stats.recalculate(activeCount(5, { 广东: 4 }), AN_HOUR_LATER);
      expect(stats).toMatchObject({
        day: YESTERDAY,
        dauCount: 5,
        dauByProvince: new Map([['广东', 4]]),
        dauByCity: new Map(),
        calculatedAt: AN_HOUR_LATER,
        version: 8,
      });
    });

    it('trap 6: collects one event, with the new figures', () => {
      const stats = storedStats({ version: 7 });
      stats.recalculate(activeCount(5), AN_HOUR_LATER);
      expect(stats.getUncommittedEvents()).toEqual([new DauCalculatedEvent(YESTERDAY, 5, 8, AN_HOUR_LATER)]);
    });

    it('raises neither version nor event when it changes no figure, and is later', () => {
      const places = {
        dauByProvince: new Map([
          ['广东', 2],
          ['北京', 1],
        ]),
        dauByCity: new Map([['深圳', 1]]),
      };
      const stats = storedStats({ version: 4, dauCount: 3, ...places });
      stats.recalculate(activeCount(3, { 北京: 1, 广东: 2 }, { 深圳: 1 }), AN_HOUR_LATER);
      expect(stats).toMatchObject({ version: 4, storedVersion: 4, calculatedAt: AN_HOUR_LATER });
      expect(stats.getUncommittedEvents()).toEqual([]);
    });

    it.each([
      ['a province more', activeCount(3, { 广东: 2, 北京: 1 }, { 深圳: 1 })],
      ['another province', activeCount(3, { 北京: 2 }, { 深圳: 1 })],
      ['another count of a city', activeCount(3, { 广东: 2 }, { 深圳: 2 })],
      ['no city', activeCount(3, { 广东: 2 })],
    ])('raises the version for %s, although the total is the same', (_, count) => {
      const stats = storedStats({
        version: 4,
        dauCount: 3,
        dauByProvince: new Map([['广东', 2]]),
        dauByCity: new Map([['深圳', 1]]),
      });
      stats.recalculate(count, AN_HOUR_LATER);
      expect(stats).toMatchObject({ version: 5, storedVersion: 4 });
      expect(stats.getUncommittedEvents()).toHaveLength(1);
    });

    it('accepts fewer actives than before', () => {
      const stats = storedStats({ dauCount: 3 });
      stats.recalculate(activeCount(0), AN_HOUR_LATER);
      expect(stats.dauCount).toBe(0);
    });
  });

  it('raises nothing when it comes from storage', () => {
    expect(storedStats({ version: 7 }).getUncommittedEvents()).toEqual([]);
  });

  it('trap 15: hands nothing to the in-process bus, which would neither wait nor report a failure', () => {
    const published: unknown[] = [];
    const stats = storedStats();
    stats.publish = (event) => void published.push(event);
    stats.publishAll = (events) => void published.push(...events);
    stats.recalculate(activeCount(5), NOW);
    expect(published).toEqual([]);
  });

  describe('inconsistent counts', () => {
    it.each([
      ['province', activeCount(2, { 广东: 3 })],
      ['city', activeCount(2, { 广东: 2 }, { 深圳: 3 })],
      ['province of an empty day', activeCount(0, { 广东: 1 })],
    ])('are refused: more in a %s than in all', (_, count) => {
      expect(() => DailyActiveStats.create(YESTERDAY, count, NOW)).toThrow(INCONSISTENT);
    });

    it('leave the aggregate as it was', () => {
      const stats = storedStats({ version: 7, dauCount: 3 });
      expect(() => stats.recalculate(activeCount(2, { 广东: 3 }), AN_HOUR_LATER)).toThrow(INCONSISTENT);
      expect(stats).toMatchObject({ dauCount: 3, version: 7, calculatedAt: NOW });
      expect(stats.getUncommittedEvents()).toEqual([]);
    });
  });

  it('trap 2: takes as many in a place as in all, and more in all places together', () => {
    const stats = DailyActiveStats.create(YESTERDAY, activeCount(2, { 广东: 2, 北京: 2 }), NOW);
    expect(stats.dauCount).toBe(2);
  });
});

describe('DailyActiveStatsFactory', () => {
  it('creates stats and their event for a day with actives', () => {
    const stats = DailyActiveStatsFactory.fromCount(YESTERDAY, activeCount(1), NOW);
    expect(stats).toMatchObject({ day: YESTERDAY, dauCount: 1, version: 1 });
    expect(stats?.getUncommittedEvents()).toHaveLength(1);
  });

  it('creates no stats for a day without actives', () => {
    expect(DailyActiveStatsFactory.fromCount(YESTERDAY, activeCount(0), NOW)).toBeNull();
  });
});
