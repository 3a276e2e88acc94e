import { useMemo } from 'preact/hooks';
import type { OnlineHistory } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { addDays } from '../../state/day-range.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { PartNotice } from '../../ui/part-notice.js';
import type { PanelProps } from '../panel.js';
import { onlineHistoryCsv, useOnlineHistory } from '../use-online-history.js';
import { countMissedMinutes, isEmptyCurve, minuteCurve, minutesOf } from './minute-curve.js';
import { OnlineTodayChart } from './online-today-chart.js';
import { ONLINE_TODAY_MESSAGES } from './online-today-messages.js';

/** Today's curve minute by minute, with yesterday and the same day of last week behind it. */
export function OnlineTodayPanel({ range: { endDate: today }, province }: PanelProps) {
  const { t, format } = useI18n();
  const texts = useMessages(ONLINE_TODAY_MESSAGES);
  const [yesterday, lastWeek] = [addDays(today, -1), addDays(today, -7)];
  const figure = useOnlineHistory(today);
  const past = {
    yesterday: useOnlineHistory(yesterday, true),
    lastWeek: useOnlineHistory(lastWeek, true),
  };
  const curves = {
    today: useCurve(figure.data, today),
    yesterday: useCurve(past.yesterday.data, yesterday),
    lastWeek: useCurve(past.lastWeek.data, lastWeek),
  };
  const x = useMemo(() => minutesOf(today), [today]);
  const cell = (value: number | null | undefined): string =>
    value === null || value === undefined ? t.chart.none : format.count(value);
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${texts.hint} · ${t.card.wholeCountryOnly}`}
      span={6}
      figure={figure}
      isEmpty={() => Object.values(curves).every((curve) => curve !== null && isEmptyCurve(curve))}
      actions={
        // One file for each curve.
        (
          [
            [texts.csvToday, today, figure],
            [texts.csvYesterday, yesterday, past.yesterday],
            [texts.csvLastWeek, lastWeek, past.lastWeek],
          ] as const
        ).map(([text, day, ofDay]) => (
          <CsvButton
            title={`${texts.title}, ${format.longDay(day)}`}
            text={text}
            figure={ofDay}
            fileName={['online-history', { day }]}
            call={(api) => onlineHistoryCsv(api, day)}
          />
        ))
      }
      table={() => ({
        columns: [t.chart.time, texts.today, texts.yesterday, texts.lastWeek],
        rows: x.map((at, minute) => [
          format.time(at * 1000),
          ...[curves.today, curves.yesterday, curves.lastWeek].map((curve) => cell(curve?.[minute])),
        ]),
      })}
      foot={({ data }) => {
        const last = data.at(-1);
        const missed = countMissedMinutes(curves.today ?? [], today, figure.asOfMs ?? 0);
        return {
          countedAtMs: last === undefined ? undefined : Date.parse(last.ts),
          notes: [missed === 0 ? texts.noneMissed : texts.missed(format.count(missed))],
        };
      }}
    >
      {() => (
        <>
          <PartNotice text={texts.yesterdayUnread} part={past.yesterday} />
          <PartNotice text={texts.lastWeekUnread} part={past.lastWeek} />
          {curves.today !== null && <OnlineTodayChart {...curves} today={curves.today} x={x} />}
        </>
      )}
    </Card>
  );
}

function useCurve(history: OnlineHistory | null, day: string) {
  return useMemo(() => (history === null ? null : minuteCurve(history, day)), [history, day]);
}
