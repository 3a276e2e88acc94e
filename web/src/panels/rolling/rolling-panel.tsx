import { useMemo } from 'preact/hooks';
import { CSV } from '../../api/csv.js';
import { joinPolled } from '../../api/join-polled.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { hasProvisional } from '../day-series.js';
import { footOf, joinStates } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { RollingCharts } from './rolling-charts.js';
import { ROLLING_MESSAGES } from './rolling-messages.js';
import { joinWindows } from './rolling-model.js';

const EVERY_MS = 300_000;
const WINDOWS = [7, 30] as const;

/** Active users of the last 7 and 30 days on each day of the range, and the stickiness. */
export function RollingPanel({ range: { startDate, endDate }, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(ROLLING_MESSAGES);
  const filter = province !== null && { province };
  const queryOf = (window: number) => ({ startDate, endDate, window, ...filter });
  const useWindow = (window: number) => {
    const query = queryOf(window);
    return usePolled(`rolling ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
      api.GET('/analytics/rolling-active-users', { params: { query }, signal }),
    );
  };
  const [week, month] = [useWindow(7), useWindow(30)];
  const figure = joinPolled(week, month);
  const days = useMemo(
    () => (week.data === null || month.data === null ? [] : joinWindows(week.data.data, month.data.data)),
    [week.data, month.data],
  );
  const shown = (count: number | null): string => (count === null ? t.chart.none : format.count(count));
  return (
    <Card
      title={texts.title}
      hint={province === null ? texts.hint : `${provinceLabel(province, language)} · ${texts.hint}`}
      span={6}
      figure={figure}
      isEmpty={() => days.every(({ month: count }) => (count ?? 0) === 0)}
      actions={WINDOWS.map((window) => (
        <CsvButton
          title={texts.csvTitle(window)}
          text={texts.csv(window)}
          figure={figure}
          fileName={[`rolling-${window}`, { startDate, endDate, province }]}
          call={(api) =>
            api.GET('/analytics/rolling-active-users', { params: { query: queryOf(window) }, ...CSV })
          }
        />
      ))}
      table={() => ({
        columns: [
          ...[t.chart.day, texts.window(7), texts.window(30)],
          ...[texts.dau, texts.stickiness, t.chart.state],
        ],
        rows: days.map((day) => [
          ...[format.longDay(day.day), shown(day.week), shown(day.month), shown(day.dauCount)],
          day.stickiness === null ? t.chart.none : format.percent(day.stickiness),
          day.isFinal ? t.chart.final : t.chart.provisional,
        ]),
      })}
      foot={() => ({
        ...footOf(joinStates(week.data, month.data), t.card, format),
        isProvisional: hasProvisional(days),
      })}
    >
      {() => <RollingCharts days={days} today={endDate} />}
    </Card>
  );
}
