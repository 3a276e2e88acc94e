import { useMemo } from 'preact/hooks';
import { CSV } from '../../api/csv.js';
import type { DailyOnline, DailyOnlineDay } from '../../api/types.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { daysOf, startOfShanghaiDay, type DayRange } from '../../state/day-range.js';
import { Card } from '../../ui/card.js';
import { Chart } from '../../ui/chart.js';
import type { ChartSeries } from '../../ui/chart-model.js';
import { CsvButton } from '../../ui/csv-button.js';
import { Numbers } from '../../ui/numbers.js';
import { finalNote } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { ONLINE_DAILY_MESSAGES } from './online-daily-messages.js';

type Peak = NonNullable<DailyOnlineDay['peak']>;

const EVERY_MS = 60_000;

/** Highest and mean number of users online on each day of the range, and the record of all time. */
export function OnlineDailyPanel({ range, province }: PanelProps) {
  const { t, format } = useI18n();
  const texts = useMessages(ONLINE_DAILY_MESSAGES);
  const query = { startDate: range.startDate, endDate: range.endDate };
  const figure = usePolled(`presence-daily ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/presence/daily', { params: { query }, signal }),
  );
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${texts.hint} · ${t.card.wholeCountryOnly}`}
      span={6}
      figure={figure}
      isEmpty={({ data }) => data.length === 0}
      actions={
        <CsvButton
          title={texts.title}
          figure={figure}
          fileName={['presence-daily', query]}
          call={(api) => api.GET('/presence/daily', { params: { query }, ...CSV })}
        />
      }
      table={({ data }) => ({
        columns: [t.chart.day, texts.peak, texts.peakAt, texts.mean, texts.missed, t.chart.state],
        rows: data.map(({ day, peak, average, missedMinutes, isFinal }) => [
          format.longDay(day),
          ...(peak === undefined
            ? ['–', '–']
            : [format.count(peak.onlineCount), format.time(Date.parse(peak.ts))]),
          ...[average === undefined ? '–' : format.decimal(average), format.count(missedMinutes)],
          isFinal ? t.chart.final : t.chart.provisional,
        ]),
      })}
      foot={({ data, lastSnapshotAt }) => ({
        countedAtMs: lastSnapshotAt === null ? undefined : Date.parse(lastSnapshotAt),
        isProvisional: data.some(({ isFinal }) => !isFinal),
        notes: finalNote(data, t.card, format),
      })}
    >
      {(daily) => <OnlineDailyChart daily={daily} range={range} />}
    </Card>
  );
}

function OnlineDailyChart({ daily, range }: { readonly daily: DailyOnline; readonly range: DayRange }) {
  const { format } = useI18n();
  const texts = useMessages(ONLINE_DAILY_MESSAGES);
  const { data, record } = daily;
  const { startDate, endDate } = range;
  const chart = useMemo(() => {
    const byDay = new Map(data.map((day) => [day.day, day]));
    // A day without any snapshot is a gap.
    const days = daysOf(range);
    const each = <T,>(read: (day: DailyOnlineDay) => T) =>
      days.map((day) => {
        const known = byDay.get(day);
        return known === undefined ? null : read(known);
      });
    const series: ChartSeries[] = [
      {
        label: texts.peak,
        values: each(({ peak }) => peak?.onlineCount ?? null),
        colour: 'series-2',
        kind: 'line',
      },
      { label: texts.mean, values: each(({ average }) => average ?? null), colour: 'series-1', kind: 'area' },
    ];
    return {
      x: days.map((day) => startOfShanghaiDay(day) / 1000),
      isProvisional: each(({ isFinal }) => !isFinal).map((isOpen) => isOpen === true),
      series,
    };
  }, [data, startDate, endDate, texts]);
  const highest = data
    .flatMap(({ peak }) => peak ?? [])
    .reduce<Peak | null>(
      (top, peak) => (top === null || peak.onlineCount > top.onlineCount ? peak : top),
      null,
    );
  const sum = (read: (day: DailyOnlineDay) => number): number =>
    data.reduce((total, day) => total + read(day), 0);
  const missed = sum(({ missedMinutes }) => missedMinutes);
  return (
    <>
      <Numbers
        numbers={[
          {
            label: texts.record,
            value: record === undefined ? '–' : format.count(record.onlineCount),
            note: record === undefined ? undefined : format.dateTime(Date.parse(record.ts)),
          },
          {
            label: texts.highest,
            value: highest === null ? '–' : format.count(highest.onlineCount),
            note: highest === null ? undefined : format.dateTime(Date.parse(highest.ts)),
          },
          {
            label: texts.missed,
            value: format.count(missed),
            note: texts.ofMinutes(format.count(missed + sum(({ samples }) => samples))),
          },
        ]}
      />
      <Chart title={texts.title} xKind="day" format={format.decimal} {...chart} />
    </>
  );
}
