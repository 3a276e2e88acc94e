import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { IDailyActivesRepository } from '../../../../src/domain/repositories/daily-actives.repository.interface.js';
import type { IEventLogRepository } from '../../../../src/domain/repositories/event-log.repository.interface.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import { activeCount, eventAtNoon } from '../../builders.js';

/** The event log and the active set that is written with it. */
export interface EventLogAndActives {
  readonly eventLog: IEventLogRepository;
  readonly actives: IDailyActivesRepository;
}

/** One adapter of both ports. Each test uses a day without events, so that nothing is emptied between tests. */
export interface EventLogHarness {
  open(): EventLogAndActives;
  close(): Promise<void>;
}

/** Describes what every {@link IEventLogRepository} does, with the {@link IDailyActivesRepository} beside it. */
export function describeEventLogRepository(adapter: string, start: () => Promise<EventLogHarness>): void {
  describe(`IEventLogRepository and IDailyActivesRepository: ${adapter}`, () => {
    let harness: EventLogHarness;
    let log: EventLogAndActives;

    beforeAll(async () => {
      harness = await start();
    });

    beforeEach(() => {
      log = harness.open();
    });

    afterAll(() => harness.close());

    /** Counts a day from the log and from the active set and expects the same figures. */
    async function dauOf(day: string): Promise<ActiveCount> {
      const fromLog = await log.eventLog.queryDau(day);
      const { marks: _, ...fromSet } = await log.actives.count(day);
      expect(fromSet).toEqual(fromLog);
      expect(await log.actives.countNow(day)).toEqual(fromLog);
      return fromLog;
    }

    it('returns for each event whether it was new', async () => {
      const [a, b, c] = [eventAtNoon(), eventAtNoon({ eventName: 'song_played' }), eventAtNoon()];
      expect(await log.eventLog.batchInsert([a, b])).toEqual([true, true]);
      expect(await log.eventLog.batchInsert([b, c, a])).toEqual([false, true, false]);
      expect(await log.eventLog.batchInsert([])).toEqual([]);
    });

    it('stores the first of two events with one id in one batch', async () => {
      const [eventId, at] = [randomUUID(), '2025-02-10T04:00:00.000Z'];
      const first = eventAtNoon({ eventId, at, properties: { city: '深圳' } });
      const second = eventAtNoon({ eventId, at, properties: { city: '广州' } });
      expect(await log.eventLog.batchInsert([first, second])).toEqual([true, false]);
      expect(await dauOf('2025-02-10')).toEqual(activeCount(1, {}, { 深圳: 1 }));
    });

    it('stores an event once, on the day of its first copy, whichever copies have a corrected clock', async () => {
      const clientTime = '2025-02-17T04:00:00.000Z';
      const skews = {
        none: clientTime,
        seconds: '2025-02-17T04:05:01.000Z',
        day: '2025-02-18T04:00:00.000Z',
      };
      for (const first of Object.values(skews)) {
        const [eventId, installId] = [randomUUID(), `install-${randomUUID()}`];
        const copies = [first, ...Object.values(skews)].map((at) =>
          eventAtNoon({ eventId, installId, at, clientTime }),
        );
        const verdicts: unknown[] = [];
        for (const copy of copies) verdicts.push(...(await log.eventLog.batchInsert([copy])));
        expect(verdicts).toEqual([true, false, false, false]);
      }
      expect((await dauOf('2025-02-17')).total).toBe(2);
      expect((await dauOf('2025-02-18')).total).toBe(1);
    });

    it('counts an identity once a day, once in each province and once in each city', async () => {
      const at = '2025-02-11T04:00:00.000Z';
      await log.eventLog.batchInsert([
        eventAtNoon({ at, userId: '1', properties: { province: '广东', city: '深圳' } }),
        eventAtNoon({ at, userId: '1', properties: { province: '广东', city: '广州' } }),
        eventAtNoon({ at, userId: '1', properties: { province: '湖南', city: '长沙' } }),
        eventAtNoon({ at, userId: '2' }),
        eventAtNoon({ at, userId: '3', properties: { province: '  ', city: '' } }),
        eventAtNoon({ at, userId: '4', properties: { province: 7, city: ['深圳'] } }),
        eventAtNoon({ at, userId: '5', properties: { city: ' 深圳 ' } }),
        eventAtNoon({ at, userId: '6', eventName: 'song_played', properties: { province: '广东' } }),
      ]);
      expect(await dauOf('2025-02-11')).toEqual(
        activeCount(5, { 广东: 1, 湖南: 1 }, { 广州: 1, 深圳: 2, 长沙: 1 }),
      );
    });

    it('counts an event on its day in Shanghai', async () => {
      await log.eventLog.batchInsert([
        eventAtNoon({ userId: '1', at: '2025-02-12T15:59:59.999Z' }),
        eventAtNoon({ userId: '2', at: '2025-02-12T16:00:00.000Z' }),
        eventAtNoon({ userId: '3', at: '2025-02-13T15:59:59.999Z' }),
      ]);
      expect((await dauOf('2025-02-12')).total).toBe(1);
      expect((await dauOf('2025-02-13')).total).toBe(2);
    });

    it('counts a user and an install of the same name as two', async () => {
      const at = '2025-02-15T04:00:00.000Z';
      await log.eventLog.batchInsert([
        eventAtNoon({ at, userId: '42424242' }),
        eventAtNoon({ at, installId: '42424242' }),
        eventAtNoon({ at, userId: '42424242', installId: '42424242' }),
      ]);
      expect((await dauOf('2025-02-15')).total).toBe(2);
    });

    it('counts zero on a day without sessions', async () => {
      await log.eventLog.batchInsert([
        eventAtNoon({ at: '2025-03-05T04:00:00.000Z', eventName: 'song_played' }),
      ]);
      expect(await dauOf('2025-03-05')).toEqual(activeCount(0));
      expect(await dauOf('2018-01-01')).toEqual(activeCount(0));
    });

    it('lists the identities of a day in pages, each once', async () => {
      const at = '2025-03-03T04:00:00.000Z';
      const installs = [
        'Zürich-0001',
        'zürich-0001',
        '省份-install',
        '😀-install-1',
        'install-a',
        'install_a',
        'installB',
      ];
      await log.eventLog.batchInsert([
        ...installs.map((install) =>
          eventAtNoon({ at, installId: install, properties: { province: '广东', city: '深圳' } }),
        ),
        ...[9, 10, 99, 100].map((user) => eventAtNoon({ at, userId: String(user) })),
      ]);
      const listed: string[] = [];
      for (let page: string[] = [], after = ''; ; after = page.at(-1)!) {
        page = await log.actives.listIdentities('2025-03-03', after, 3);
        listed.push(...page);
        if (page.length < 3) break;
      }
      expect(listed).toHaveLength(11);
      expect(new Set(listed)).toEqual(
        new Set([...installs.map((i) => `i:${i}`), 'u:9', 'u:10', 'u:99', 'u:100']),
      );
    });
  });
}
