import { describe, expect, it, jest } from '@jest/globals';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { SERVICE_HEALTH_MESSAGES } from '../../web/src/panels/service-health/service-health-messages.js';
import { RANGE_DAYS } from '../../web/src/state/day-range.js';
import { daysAgo, startOfShanghaiDay } from '../support/events.js';
import { PAGE_MS, useDashboard, type Visit } from '../support/page/dashboard.js';
import { ask, expectSame, rangeOf, rounded, TOKEN, type Days } from '../support/page/figures.js';
import { pageServices } from '../support/page/page-services.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();
const format = formatsOf('en');

describe('the figures of the page are those of the API', () => {
  let visit: Visit;
  const text = DAU_MESSAGES.en;

  it('for the number of users online', async () => {
    visit = await open({ token: TOKEN, isShared: true });
    const { title } = ONLINE_NOW_MESSAGES.en;
    await expectSame(
      async () => numberIn(await cardOf(visit, title).getByRole('status', { name: title }).innerText()),
      async () => (await ask<{ count: number }>('/presence/online-count')).count,
    );
  });

  it.each(RANGE_DAYS)(
    'for the active users of each of %d days, with the provisional ones marked',
    async (days) => {
      visit = await open({ token: TOKEN, isShared: true, settings: { rangeDays: days } });
      expect(
        await visit.page.getByRole('radio', { name: visit.t.header.rangeDaysLong(days) }).isChecked(),
      ).toBe(true);
      await expectSame(
        async () =>
          (await rowsOf(visit, text.title)).map(([day = '', count = '', state]) => [
            ...[dayIn(day), numberIn(count), state],
          ]),
        async () => {
          const { data } = await ask<Days<{ dauCount: number }>>(
            `/analytics/dau?${rangeOf(days)}&zeroDays=true`,
          );
          expect([data.length, new Set(data.map(({ isFinal }) => isFinal)).size]).toEqual([days, 2]);
          return data.map(({ day, dauCount, isFinal }) => [
            ...[day, dauCount, isFinal ? visit.t.chart.final : visit.t.chart.provisional],
          ]);
        },
      );
    },
  );

  it('for the active users of one province', async () => {
    visit = await open({ token: TOKEN });
    await visit.page
      .getByRole('combobox', { name: visit.t.header.province, exact: true })
      .selectOption('广东省');
    await expectSame(
      async () =>
        (await rowsOf(visit, text.title)).map(([day = '', count = '']) => [dayIn(day), numberIn(count)]),
      async () => {
        const province = encodeURIComponent('广东省');
        const { data } = await ask<Days<{ dauCount: number }>>(
          `/analytics/dau?${rangeOf(30)}&zeroDays=true&province=${province}`,
        );
        expect(Math.max(...data.map(({ dauCount }) => dauCount))).toBeGreaterThan(0);
        return data.map(({ day, dauCount }) => [day, dauCount]);
      },
    );
  });

  it('for the minutes of today, of yesterday and of a week ago, with the missed ones as gaps', async () => {
    // These go on each minute, so the page has to ask first.
    visit = await open({ token: TOKEN });
    const { title } = ONLINE_TODAY_MESSAGES.en;
    const curve = async (day: string): Promise<(number | null)[]> => {
      const start = startOfShanghaiDay(day);
      const end = new Date(start + 86_400_000).toISOString();
      const { data } = await ask<{ data: { ts: string; onlineCount: number }[] }>(
        `/presence/online-history?startTime=${new Date(start).toISOString()}&endTime=${end}&interval=1m`,
      );
      const minutes = Array.from({ length: 1440 }, (): number | null => null);
      for (const { ts, onlineCount } of data) minutes[(Date.parse(ts) - start) / 60_000] = onlineCount;
      return minutes;
    };
    await expectSame(
      async () => (await rowsOf(visit, title)).map(([, ...cells]) => cells.map(numberIn)),
      async () => {
        const curves = await Promise.all([0, 1, 7].map((age) => curve(daysAgo(age))));
        expect(curves[1]!.filter((count) => count === null)).toHaveLength(30);
        return curves[0]!.map((_, minute) => curves.map((each) => each[minute] ?? null));
      },
    );
  });

  it('for the peak, the mean and the missed minutes of each day', async () => {
    // These go on each minute, so the page has to ask first.
    visit = await open({ token: TOKEN });
    const { title, missed: missedText } = ONLINE_TODAY_MESSAGES.en;
    await expectSame(
      () => cardOf(visit, title).locator('.card-foot span').allInnerTexts(),
      async () => {
        const { data } = await ask<Days<{ missedMinutes: number }>>(`/presence/daily?${rangeOf(7)}`);
        return [missedText(format.count(data.at(-1)!.missedMinutes))];
      },
    );
    await expectSame(
      async () =>
        (await rowsOf(visit, ONLINE_DAILY_MESSAGES.en.title)).map(
          ([day = '', peak = '', , mean = '', missed = '']) => [
            ...[dayIn(day), numberIn(peak), numberIn(mean), numberIn(missed)],
          ],
        ),
      async () => {
        const { data } = await ask<
          Days<{ peak?: { onlineCount: number }; average?: number; missedMinutes: number }>
        >(`/presence/daily?${rangeOf(30)}`);
        expect(data.length).toBeGreaterThan(2);
        return data.map(({ day, peak, average, missedMinutes }) => [
          ...[day, peak?.onlineCount ?? null, average === undefined ? null : rounded(average), missedMinutes],
        ]);
      },
    );
  });

  it('for the health of the service', async () => {
    visit = await open({ token: TOKEN, isShared: true });
    const texts = SERVICE_HEALTH_MESSAGES.en;
    const card = cardOf(visit, texts.title);
    await card.getByText(texts.status.ok).waitFor();
    const list = await card.getByRole('list', { name: texts.title }).innerText();
    const { dependencies } = await ask<{ dependencies: { name: string; status: 'up' | 'down' }[] }>(
      '/status',
    );
    expect(dependencies).toMatchObject([{ name: 'database', status: 'up' }]);
    expect(list).toMatch(new RegExp(`PostgreSQL\\s+${texts.up}\\b`));
  });

  it('for what waits in the outbox and how far the consumer is behind', async () => {
    visit = await open({ token: TOKEN, isShared: true });
    const texts = SERVICE_HEALTH_MESSAGES.en;
    const list = cardOf(visit, texts.title).getByRole('list', { name: texts.title });
    const stateOf = async (name: string): Promise<string | null> => {
      const line = list.getByRole('listitem').filter({ hasText: name });
      if ((await line.count()) === 0) return null;
      return line.locator('.health-state > span').innerText();
    };
    const shown = async (): Promise<Record<string, unknown>> => {
      const [outbox, consumer] = [await stateOf(texts.outbox), await stateOf(texts.consumer)];
      const isUntargeted = await list.getByText(texts.noTarget).isVisible();
      return {
        waiting: outbox === texts.empty ? 0 : numberIn(outbox?.replace(/ waiting$/, '') ?? ''),
        consumer,
        isUntargeted,
      };
    };
    await list.waitFor();
    await expectSame(shown, async () => {
      const { outbox, identityConsumer } = await ask<{
        outbox: { waiting: number | null; target: string | null };
        identityConsumer: { lagMessages: number } | null;
      }>('/status');
      const lag = identityConsumer?.lagMessages;
      return {
        waiting: outbox.waiting,
        consumer: lag === undefined ? null : lag === 0 ? texts.caughtUp : texts.lag(String(lag)),
        isUntargeted: outbox.target === null,
      };
    });
  });

  it('with the instant of each answer', async () => {
    visit = await open({ token: TOKEN, isShared: true });
    for (const { title } of [DAU_MESSAGES.en, ONLINE_NOW_MESSAGES.en, SERVICE_HEALTH_MESSAGES.en]) {
      const instant = cardOf(visit, title).locator('.card-foot time');
      await instant.waitFor();
      const age = Date.now() - Date.parse((await instant.getAttribute('datetime')) ?? '');
      expect(Math.abs(age)).toBeLessThan(2 * PAGE_MS);
    }
  });
});

describe('a browser whose clock is days slow', () => {
  it('asks for the days of the service from its first request on', async () => {
    const visit = await open({ token: null });
    await visit.context.addInitScript({
      content: `const now = Date.now; Date.now = () => now.call(Date) - 3 * 86400000;`,
    });
    const tab = await visit.context.newPage();
    const lastDays: string[] = [];
    tab.on('request', (each) => {
      const day = new URL(each.url()).searchParams.get('endDate');
      if (day !== null) lastDays.push(day);
    });
    const today = daysAgo(0);
    await tab.goto(`${pageServices().serviceUrl}/dashboard#token=${TOKEN}`);
    await waitFor(() => lastDays.length > 3, PAGE_MS);
    expect(lastDays.filter((day) => ![today, daysAgo(0), daysAgo(1, today)].includes(day))).toEqual([]);
    expect(lastDays).toContain(today);
  });
});
