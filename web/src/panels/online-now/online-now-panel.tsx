import { useContext, useMemo } from 'preact/hooks';
import type { OnlineCount, RealtimeDau } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { AppContext } from '../../state/app-context.js';
import { problemOfLiveFigure } from '../../state/live-figure.js';
import { WINDOW_SECONDS, type OnlineReading } from '../../state/live-figures.js';
import { useLiveFigures, useLiveState } from '../../state/use-app.js';
import { Card } from '../../ui/card.js';
import { Chart } from '../../ui/chart.js';
import { Numbers } from '../../ui/numbers.js';
import { ONLINE_NOW_MESSAGES } from './online-now-messages.js';
import { withGaps } from './with-gaps.js';

/** The number that is pushed every five seconds, and the last minutes of it. */
export function OnlineNowPanel() {
  const { format } = useI18n();
  const texts = useMessages(ONLINE_NOW_MESSAGES);
  const { live } = useContext(AppContext);
  const { online, readings, dau, status } = useLiveFigures();
  const state = useLiveState();
  const problem = problemOfLiveFigure('online', state, status);
  const asOfMs = online === null ? null : Date.parse(online.queriedAt);
  return (
    <Card
      title={texts.title}
      hint={texts.hint(format.duration(online?.windowSeconds ?? 180))}
      span={3}
      figure={{
        ...{ data: online, asOfMs, problem, isLoading: online === null && problem === null },
        retryAtMs: state.phase === 'waiting' ? state.retryAtMs : null,
        retry: () => {
          live.connection.start();
        },
      }}
      table={() => ({
        columns: [texts.time, texts.users],
        rows: readings
          .toReversed()
          .map(({ atSeconds, count }) => [format.preciseTime(atSeconds * 1000), format.count(count)]),
      })}
    >
      {(count) => <OnlineNow online={count} readings={readings} dau={dau} />}
    </Card>
  );
}

interface OnlineNowProps {
  readonly online: OnlineCount;
  readonly readings: readonly OnlineReading[];
  readonly dau: RealtimeDau | null;
}

function OnlineNow({ online, readings, dau }: OnlineNowProps) {
  const { format } = useI18n();
  const texts = useMessages(ONLINE_NOW_MESSAGES);
  const chart = useMemo(() => {
    const { x, values } = withGaps(readings);
    const last = x.at(-1) ?? 0;
    return {
      x,
      xRange: [last - WINDOW_SECONDS, last] as const,
      series: [{ label: texts.users, values, colour: 'series-1' as const, kind: 'area' as const }],
    };
  }, [readings, texts]);
  return (
    <>
      <p class="online-now">
        <output aria-label={texts.title}>{format.count(online.count)}</output>
      </p>
      {online.isPartial && <p class="card-notice">{texts.partial(format.percent(online.coverage))}</p>}
      <Chart
        title={texts.lastMinutes}
        xKind="time"
        size="small"
        hasAxes={false}
        hasLegend={false}
        startsAtZero={false}
        {...chart}
      />
      {dau !== null && (
        <Numbers
          numbers={[
            {
              label: texts.dauToday,
              value: format.count(dau.dauCount),
              note: texts.estimate(format.percent(dau.standardError)),
            },
          ]}
        />
      )}
    </>
  );
}
