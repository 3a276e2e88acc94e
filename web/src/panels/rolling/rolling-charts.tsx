import { useMemo } from 'preact/hooks';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Chart } from '../../ui/chart.js';
import type { ChartSeries } from '../../ui/chart-model.js';
import { Numbers } from '../../ui/numbers.js';
import { dayAxis } from '../day-series.js';
import { ROLLING_MESSAGES } from './rolling-messages.js';
import { lastFullDay, type BothWindows } from './rolling-model.js';

interface RollingChartsProps {
  readonly days: readonly BothWindows[];
  readonly today: string;
}

/** Both windows in one chart, and stickiness below in one of its own: it is a share, not a count. */
export function RollingCharts({ days, today }: RollingChartsProps) {
  const { format } = useI18n();
  const texts = useMessages(ROLLING_MESSAGES);
  const charts = useMemo(() => {
    const line = (
      label: string,
      colour: ChartSeries['colour'],
      valueOf: (day: BothWindows) => number | null,
    ) => ({
      ...{ label, colour, kind: 'line' as const },
      values: days.map(valueOf),
    });
    return {
      axis: dayAxis(days),
      windows: [
        line(texts.window(30), 'series-1', ({ month }) => month),
        line(texts.window(7), 'series-2', ({ week }) => week),
      ],
      stickiness: [line(texts.stickiness, 'series-3', ({ stickiness }) => stickiness)],
    };
  }, [days, texts]);
  const [newest, full] = [days.at(-1), lastFullDay(days, today)];
  const shown = (value: number | null | undefined, as: (value: number) => string): string =>
    value === null || value === undefined ? '–' : as(value);
  return (
    <>
      <Numbers
        numbers={[
          { label: texts.windowTo(30), value: shown(newest?.month, format.count) },
          { label: texts.windowTo(7), value: shown(newest?.week, format.count) },
          {
            label: full === undefined ? texts.stickiness : texts.stickinessOn(format.day(full.day)),
            value: shown(full?.stickiness, format.percent),
          },
        ]}
      />
      <Chart title={texts.title} xKind="day" {...charts.axis} series={charts.windows} />
      <div class="chart-below">
        <h3 class="chart-heading">
          {texts.stickiness} <small>{texts.stickinessHint}</small>
        </h3>
        <Chart
          title={texts.stickiness}
          xKind="day"
          {...charts.axis}
          series={charts.stickiness}
          size="small"
          format={format.percent}
          formatAxis={format.percent}
        />
      </div>
    </>
  );
}
