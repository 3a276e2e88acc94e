import { useMemo } from 'preact/hooks';
import type { Lifecycle } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Chart } from '../../ui/chart.js';
import { Numbers } from '../../ui/numbers.js';
import { dayAxis } from '../day-series.js';
import { LIFECYCLE_MESSAGES } from './lifecycle-messages.js';

type LifecycleDay = Lifecycle['data'][number];

interface LifecycleChartProps {
  readonly days: readonly LifecycleDay[];
  readonly today: string;
}

/** Columns of returning and new users, which together are the day's active users. */
export function LifecycleChart({ days, today }: LifecycleChartProps) {
  const { format } = useI18n();
  const texts = useMessages(LIFECYCLE_MESSAGES);
  const chart = useMemo(() => {
    const valuesOf = (name: 'newCount' | 'returningCount' | 'resurrectedCount' | 'dormantCount') =>
      days.map((day) => day[name]);
    return {
      ...dayAxis(days),
      series: [
        {
          ...{ label: texts.returning, colour: 'series-1' as const, kind: 'bars' as const },
          values: valuesOf('returningCount'),
        },
        {
          ...{ label: texts.new, colour: 'series-3' as const, kind: 'bars' as const },
          values: valuesOf('newCount'),
        },
      ],
      details: [
        { label: texts.resurrected, values: valuesOf('resurrectedCount') },
        { label: texts.dormant, values: valuesOf('dormantCount') },
      ],
    };
  }, [days, texts]);
  const full = days.filter(({ day }) => day < today).at(-1);
  return (
    <>
      {full !== undefined && (
        <Numbers
          numbers={[
            {
              label: texts.newOn(format.day(full.day)),
              value: format.count(full.newCount),
              note:
                full.dauCount === 0
                  ? undefined
                  : texts.shareOfDay(format.percent(full.newCount / full.dauCount)),
            },
            { label: texts.returningOn(format.day(full.day)), value: format.count(full.returningCount) },
          ]}
        />
      )}
      <Chart title={texts.title} xKind="day" isStacked {...chart} />
    </>
  );
}
