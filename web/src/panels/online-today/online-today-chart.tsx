import { useMemo } from 'preact/hooks';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Chart } from '../../ui/chart.js';
import type { ChartSeries, Mark } from '../../ui/chart-model.js';
import { Numbers } from '../../ui/numbers.js';
import { changeAt, summarizeCurve, type MinuteCurve } from './minute-curve.js';
import { ONLINE_TODAY_MESSAGES } from './online-today-messages.js';

interface OnlineTodayChartProps {
  readonly x: readonly number[];
  readonly today: MinuteCurve;
  readonly yesterday: MinuteCurve | null;
  readonly lastWeek: MinuteCurve | null;
}

export function OnlineTodayChart({ x, today, yesterday, lastWeek }: OnlineTodayChartProps) {
  const { format } = useI18n();
  const texts = useMessages(ONLINE_TODAY_MESSAGES);
  const { lastMinute, peak, mean } = useMemo(() => summarizeCurve(today), [today]);
  const series = useMemo<ChartSeries[]>(
    () => [
      { label: texts.today, values: today, colour: 'series-1', kind: 'area' },
      { label: texts.yesterday, values: yesterday ?? [], colour: 'series-muted', kind: 'line', width: 1.25 },
      {
        ...{ label: texts.lastWeek, values: lastWeek ?? [], colour: 'series-muted', kind: 'line' },
        ...{ width: 1, isDashed: true },
      },
    ],
    [today, yesterday, lastWeek, texts],
  );
  const marks = useMemo<Mark[]>(() => {
    const at = peak === null ? undefined : x[peak.minute];
    return [
      ...(mean === null ? [] : [{ kind: 'level' as const, y: mean, label: texts.acu(format.decimal(mean)) }]),
      ...(peak === null || at === undefined
        ? []
        : [{ kind: 'point' as const, x: at, y: peak.count, label: texts.pcu(format.count(peak.count)) }]),
    ];
  }, [peak, mean, x, texts, format]);
  const change = (earlier: MinuteCurve | null): string => {
    const part = changeAt(lastMinute, today, earlier);
    return part === null ? '–' : format.change(part);
  };
  return (
    <>
      <Numbers
        numbers={[
          {
            label: texts.peak,
            value: peak === null ? '–' : format.count(peak.count),
            note: peak === null ? undefined : texts.peakAt(format.time((x[peak.minute] ?? 0) * 1000)),
          },
          { label: texts.mean, value: mean === null ? '–' : format.decimal(mean) },
          { label: texts.toYesterday, value: change(yesterday), note: texts.atThisMinute },
          { label: texts.toLastWeek, value: change(lastWeek), note: texts.atThisMinute },
        ]}
      />
      <Chart title={texts.title} xKind="time" x={x} series={series} marks={marks} />
    </>
  );
}
