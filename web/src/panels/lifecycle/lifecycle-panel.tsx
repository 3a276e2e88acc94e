import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { hasProvisional } from '../day-series.js';
import { footOf } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { LifecycleChart } from './lifecycle-chart.js';
import { LIFECYCLE_MESSAGES } from './lifecycle-messages.js';
import { useLifecycle } from './use-lifecycle.js';

/** New and returning users of each day of the range; the service counts them for the whole country only. */
export function LifecyclePanel({ range, province }: PanelProps) {
  const { t, format } = useI18n();
  const texts = useMessages(LIFECYCLE_MESSAGES);
  const { figure, csv } = useLifecycle(range);
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${texts.hint} · ${t.card.wholeCountryOnly}`}
      span={6}
      figure={figure}
      isEmpty={({ data }) => data.every(({ dauCount, dormantCount }) => dauCount + dormantCount === 0)}
      actions={
        <CsvButton
          title={texts.title}
          figure={figure}
          fileName={['analytics-lifecycle', { startDate: range.startDate, endDate: range.endDate }]}
          call={csv}
        />
      }
      table={({ data }) => ({
        columns: [
          ...[t.chart.day, texts.dau, texts.new, texts.returning],
          ...[texts.resurrectedLong, texts.dormantLong, t.chart.state],
        ],
        rows: data.map((day) => [
          format.longDay(day.day),
          ...[day.dauCount, day.newCount, day.returningCount].map(format.count),
          ...[day.resurrectedCount, day.dormantCount].map(format.count),
          day.isFinal ? t.chart.final : t.chart.provisional,
        ]),
      })}
      foot={(answer) => ({
        ...footOf(answer, t.card, format),
        isProvisional: hasProvisional(answer.data),
      })}
    >
      {({ data }) => <LifecycleChart days={data} today={range.endDate} />}
    </Card>
  );
}
