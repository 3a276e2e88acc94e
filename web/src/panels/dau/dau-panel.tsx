import { useMemo } from 'preact/hooks';
import type { DauDay, DauStats } from '../../api/types.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { addDays, startOfShanghaiDay } from '../../state/day-range.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import { Chart } from '../../ui/chart.js';
import { Numbers } from '../../ui/numbers.js';
import type { PanelProps } from '../panel.js';
import { DAU_MESSAGES } from './dau-messages.js';

const EVERY_MS = 60_000;

/** Active users of each day of the range, provisional days hatched. */
export function DauPanel({ range: { startDate, endDate }, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(DAU_MESSAGES);
  const query = { startDate, endDate, zeroDays: 'true' as const, ...(province !== null && { province }) };
  const figure = usePolled(`dau ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/dau', { params: { query }, signal }),
  );
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : provinceLabel(province, language)}
      span={6}
      figure={figure}
      isEmpty={({ data }) => data.length === 0}
      table={({ data }) => ({
        columns: [t.chart.day, texts.dau, texts.state, texts.version, texts.calculatedAt],
        rows: data.map((day) => [
          ...[format.longDay(day.day), format.count(day.dauCount)],
          ...[day.isFinal ? texts.final : texts.provisional, String(day.version)],
          day.calculatedAt === null ? '–' : format.dateTime(Date.parse(day.calculatedAt)),
        ]),
      })}
      foot={({ data }) => ({
        version: data.at(-1)?.version,
        isProvisional: data.some(({ isFinal }) => !isFinal),
      })}
    >
      {(stats) => <DauChart stats={stats} yesterday={addDays(endDate, -1)} />}
    </Card>
  );
}

function DauChart({ stats, yesterday }: { readonly stats: DauStats; readonly yesterday: string }) {
  const { format } = useI18n();
  const texts = useMessages(DAU_MESSAGES);
  const { data } = stats;
  const chart = useMemo(
    () => ({
      x: data.map(({ day }) => startOfShanghaiDay(day) / 1000),
      isProvisional: data.map(({ isFinal }) => !isFinal),
      series: [
        {
          label: texts.dau,
          values: data.map(({ dauCount }) => dauCount),
          colour: 'series-1' as const,
          kind: 'bars' as const,
        },
      ],
    }),
    [data, texts],
  );
  const { last, weekBefore, mean } = summarize(data, yesterday);
  return (
    <>
      <Numbers
        numbers={[
          {
            label: texts.yesterday,
            value: last === null ? '–' : format.count(last),
            note: weekBefore === null ? undefined : texts.weekBefore(format.change(weekBefore)),
          },
          { label: texts.mean(data.length), value: format.count(mean) },
        ]}
      />
      <Chart title={texts.title} xKind="day" {...chart} />
    </>
  );
}

function summarize(data: readonly DauDay[], yesterday: string) {
  const countOn = (day: string): number | null => data.find((one) => one.day === day)?.dauCount ?? null;
  const last = countOn(yesterday);
  const before = countOn(addDays(yesterday, -7));
  const sum = data.reduce((total, { dauCount }) => total + dauCount, 0);
  return {
    last,
    weekBefore: last === null || before === null || before === 0 ? null : last / before - 1,
    mean: sum / Math.max(1, data.length),
  };
}
