import { CSV } from '../../api/csv.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { hasProvisional } from '../day-series.js';
import type { PanelProps } from '../panel.js';
import { LifecycleChart } from './lifecycle-chart.js';
import { LIFECYCLE_MESSAGES } from './lifecycle-messages.js';

const EVERY_MS = 300_000;

/** New and returning users of each day of the range; the service counts them for the whole country only. */
export function LifecyclePanel({ range: { startDate, endDate }, province }: PanelProps) {
  const { t, format } = useI18n();
  const texts = useMessages(LIFECYCLE_MESSAGES);
  const query = { startDate, endDate };
  const figure = usePolled(`lifecycle ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/lifecycle', { params: { query }, signal }),
  );
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${t.card.wholeCountryOnly} · ${texts.hint}`}
      span={6}
      figure={figure}
      isEmpty={({ data }) => data.every(({ dauCount, dormantCount }) => dauCount + dormantCount === 0)}
      actions={
        <CsvButton
          title={texts.title}
          fileName={['analytics-lifecycle', { startDate, endDate }]}
          call={(api) => api.GET('/analytics/lifecycle', { params: { query }, ...CSV })}
        />
      }
      table={({ data }) => ({
        columns: [
          ...[t.chart.day, texts.dau, texts.new, texts.returning],
          ...[texts.resurrectedLong, texts.dormantLong, texts.state],
        ],
        rows: data.map((day) => [
          format.longDay(day.day),
          ...[day.dauCount, day.newCount, day.returningCount].map(format.count),
          ...[day.resurrectedCount, day.dormantCount].map(format.count),
          day.isFinal ? texts.final : texts.provisional,
        ]),
      })}
      foot={({ data }) => ({ isProvisional: hasProvisional(data) })}
    >
      {({ data }) => <LifecycleChart days={data} today={endDate} />}
    </Card>
  );
}
