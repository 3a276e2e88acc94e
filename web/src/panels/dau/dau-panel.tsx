import { useMemo } from 'preact/hooks';
import { CSV } from '../../api/csv.js';
import type { DauDay, DauStats } from '../../api/types.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import type { FootModel } from '../../ui/card-foot.js';
import { Chart } from '../../ui/chart.js';
import { CsvButton } from '../../ui/csv-button.js';
import { Numbers } from '../../ui/numbers.js';
import { dayAxis, hasProvisional } from '../day-series.js';
import { finalNote } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { DAU_MESSAGES } from './dau-messages.js';
import { countedAtMs, summarizeDau } from './dau-model.js';

const EVERY_MS = 60_000;

/** Active users of each day of the range, provisional days hatched. */
export function DauPanel({ range: { startDate, endDate }, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(DAU_MESSAGES);
  const query = { startDate, endDate, zeroDays: true, ...(province !== null && { province }) };
  const figure = usePolled(`dau ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/dau', { params: { query }, signal }),
  );
  const foot = (data: readonly DauDay[]): FootModel => {
    const newest = data.at(-1);
    return {
      countedAtMs: countedAtMs(data),
      isProvisional: hasProvisional(data),
      notes: [
        ...finalNote(data, t.card, format),
        ...(newest === undefined ? [] : [texts.versionOf(format.day(newest.day), newest.version)]),
      ],
    };
  };
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${provinceLabel(province, language)} · ${texts.hint}`}
      span={6}
      figure={figure}
      isEmpty={({ data }) => data.every(({ dauCount }) => dauCount === 0)}
      actions={
        <CsvButton
          title={texts.title}
          figure={figure}
          fileName={['analytics-dau', { startDate, endDate, province }]}
          call={(api) => api.GET('/analytics/dau', { params: { query }, ...CSV })}
          // The panel has one row a day, and the answer one for each of its places, too.
          keep={({ level }) => level === 'total'}
        />
      }
      table={({ data }) => ({
        columns: [t.chart.day, texts.dau, t.chart.state, texts.version, texts.calculatedAt],
        rows: data.map((day) => [
          ...[format.longDay(day.day), format.count(day.dauCount)],
          ...[day.isFinal ? t.chart.final : t.chart.provisional, String(day.version)],
          day.calculatedAt === null ? '–' : format.dateTime(Date.parse(day.calculatedAt)),
        ]),
      })}
      foot={({ data }) => foot(data)}
    >
      {(stats) => <DauChart stats={stats} today={endDate} />}
    </Card>
  );
}

function DauChart({ stats: { data }, today }: { readonly stats: DauStats; readonly today: string }) {
  const { format } = useI18n();
  const texts = useMessages(DAU_MESSAGES);
  const chart = useMemo(
    () => ({
      ...dayAxis(data),
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
  const summary = summarizeDau(data, today);
  const shown = (count: number | null): string => (count === null ? '–' : format.count(count));
  return (
    <>
      <Numbers
        numbers={[
          { label: texts.today, value: shown(summary.today), note: texts.whenCounted },
          {
            label: texts.yesterday,
            value: shown(summary.yesterday),
            note:
              summary.weekChange === null ? undefined : texts.weekBefore(format.change(summary.weekChange)),
          },
          { label: texts.mean(summary.meanDays), value: shown(summary.mean) },
        ]}
      />
      <Chart title={texts.title} xKind="day" hasLegend {...chart} />
    </>
  );
}
