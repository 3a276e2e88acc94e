import { useContext, useMemo } from 'preact/hooks';
import { toCsvFile } from '../../api/csv-rows.js';
import type { OnlineCount, RealtimeDau } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { AppContext } from '../../state/app-context.js';
import {
  dauOfToday,
  problemOfLiveFigure,
  problemOfReading,
  READING_MAX_AGE_MS,
} from '../../state/live-figure.js';
import { useIsPast, useLiveFigures, useLiveState } from '../../state/use-app.js';
import { Card } from '../../ui/card.js';
import { Chart } from '../../ui/chart.js';
import { DownloadButton } from '../../ui/download-button.js';
import { Numbers } from '../../ui/numbers.js';
import type { PanelProps } from '../panel.js';
import { ONLINE_NOW_MESSAGES } from './online-now-messages.js';
import { useOnlineHistory } from '../use-online-history.js';
import { recentCurve, recentRange, recentRecords } from './recent-curve.js';

/** The number that is pushed every five seconds, and the last minutes of it. */
export function OnlineNowPanel({ range: { endDate: today }, province }: PanelProps) {
  const { t, format } = useI18n();
  const texts = useMessages(ONLINE_NOW_MESSAGES);
  const { live } = useContext(AppContext);
  const { online, readings, dau, status } = useLiveFigures();
  const state = useLiveState();
  const history = useOnlineHistory(today).data;
  const curve = useMemo(() => recentCurve(readings, history), [readings, history]);
  const asOfMs = online === null ? null : Date.parse(online.queriedAt);
  const hint = texts.hint(format.duration(online?.windowSeconds ?? 180));
  const isOld = useIsPast(asOfMs === null ? null : asOfMs + READING_MAX_AGE_MS);
  const problem = problemOfReading(problemOfLiveFigure('online', state, status), isOld);
  return (
    <Card
      title={texts.title}
      hint={province === null ? hint : `${hint} · ${t.card.wholeCountryOnly}`}
      span={3}
      figure={{
        ...{ data: online, asOfMs, problem, isLoading: online === null && problem === null },
        retryAtMs: state.phase === 'waiting' ? state.retryAtMs : null,
        retry: () => {
          live.connection.start();
        },
      }}
      actions={
        online === null ? undefined : (
          <DownloadButton
            title={texts.title}
            fileName={['online-now', { until: online.queriedAt }]}
            load={() => Promise.resolve(toCsvFile(['ts', 'onlineCount'], recentRecords(curve)))}
          />
        )
      }
      foot={({ queriedAt }) => ({ countedAtMs: Date.parse(queriedAt) })}
      table={() => ({
        columns: [texts.time, texts.users],
        rows: curve.x
          .map((at, index) => [at, curve.values[index] ?? null] as const)
          .toReversed()
          .map(([at, count]) => [
            format.preciseTime(at * 1000),
            count === null ? t.chart.none : format.count(count),
          ]),
      })}
    >
      {(count) => (
        <OnlineNow
          online={count}
          curve={curve}
          dau={dauOfToday(dau, today)}
          isDauOld={problemOfLiveFigure('dau', state, status) !== null}
        />
      )}
    </Card>
  );
}

interface OnlineNowProps {
  readonly online: OnlineCount;
  readonly curve: ReturnType<typeof recentCurve>;
  readonly dau: RealtimeDau | null;
  readonly isDauOld: boolean;
}

function OnlineNow({ online, curve, dau, isDauOld }: OnlineNowProps) {
  const { t, format } = useI18n();
  const texts = useMessages(ONLINE_NOW_MESSAGES);
  const chart = useMemo(() => {
    const { x, values } = curve;
    return {
      x,
      xRange: recentRange(x),
      series: [{ label: texts.users, values, colour: 'series-1' as const, kind: 'area' as const }],
    };
  }, [curve, texts]);
  return (
    <>
      <p class="online-now">
        {/* A screen reader reads it when asked, not every five seconds. */}
        <output aria-label={texts.title} aria-live="off">
          {format.count(online.count)}
        </output>
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
              note: isDauOld
                ? t.card.staleSince(format.time(Date.parse(dau.queriedAt)))
                : texts.estimate(format.percent(dau.standardError)),
            },
          ]}
        />
      )}
    </>
  );
}
