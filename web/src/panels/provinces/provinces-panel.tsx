import { useMemo } from 'preact/hooks';
import type { ActiveUsers } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import type { FootModel } from '../../ui/card-foot.js';
import { CsvButton } from '../../ui/csv-button.js';
import { HeatLegend } from '../../ui/heat-legend.js';
import { footOf } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { isProvinceRecord, provincesWithoutUsers, rankProvinces } from './places-model.js';
import { ProvinceTiles } from './province-tiles.js';
import { PROVINCES_MESSAGES } from './provinces-messages.js';
import { MAX_BARS, RankedBars } from './ranked-bars.js';
import { useSpanByPlace } from './use-span-by-place.js';

type Ranking = ReturnType<typeof rankProvinces>;

/** Distinct users of the range by province: squares in the place of the provinces, and a ranking beside them. */
export function ProvincesPanel({ range, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(PROVINCES_MESSAGES);
  const { figure, csv } = useSpanByPlace(range, 'province');
  const span = figure.data?.data[0];
  const ranking = useMemo(() => rankProvinces(span?.byProvince ?? {}), [span]);
  const foot = (answer: ActiveUsers): FootModel => {
    const others = ranking.others.length;
    const { countedAtMs, notes } = footOf(answer, t.card, format);
    return {
      countedAtMs,
      isProvisional: span?.isFinal === false,
      notes: [
        ...[texts.total(format.count(span?.activeCount ?? 0)), texts.overlap],
        ...(others > 0 ? [texts.otherNames(others)] : []),
        ...(others > MAX_BARS ? [texts.largest(MAX_BARS)] : []),
        ...notes,
      ],
    };
  };
  return (
    <Card
      title={texts.title}
      hint={texts.hint(range.days)}
      span={12}
      figure={figure}
      isEmpty={({ data }) => (data[0]?.activeCount ?? 0) === 0}
      actions={
        <CsvButton
          title={texts.title}
          figure={figure}
          fileName={['active-users-by-province', { startDate: range.startDate, endDate: range.endDate }]}
          call={csv}
          keep={isProvinceRecord}
          add={provincesWithoutUsers}
        />
      }
      table={({ data }) => ({
        columns: [texts.place, texts.kind, texts.active, texts.share],
        rows: [ranking.provinces, ranking.others].flatMap((places) =>
          places.map(({ name, count }) => [
            ...[provinceLabel(name, language), places === ranking.others ? texts.other : texts.province],
            ...[format.count(count), format.percent(count / Math.max(1, data[0]?.activeCount ?? 0))],
          ]),
        ),
      })}
      foot={foot}
    >
      {() => span !== undefined && <Provinces ranking={ranking} total={span.activeCount} chosen={province} />}
    </Card>
  );
}

interface ProvincesProps {
  readonly ranking: Ranking;
  /** Distinct users of the whole country. */
  readonly total: number;
  readonly chosen: string | null;
}

function Provinces({ ranking, total, chosen }: ProvincesProps) {
  const { language, format } = useI18n();
  const texts = useMessages(PROVINCES_MESSAGES);
  const { provinces, others, max } = ranking;
  const longest = Math.max(max, others[0]?.count ?? 0);
  return (
    <div class="provinces">
      <div class="provinces-tiles">
        <ProvinceTiles provinces={provinces} max={max} />
        <HeatLegend label={texts.scale} max={max} format={format.count} />
      </div>
      {/* A scrolled region is reached by keyboard. */}
      <div class="provinces-ranking" role="region" aria-label={texts.ranking} tabIndex={0}>
        <RankedBars
          title={texts.ranking}
          max={longest}
          total={total}
          bars={provinces.map(({ name, count }) => ({
            ...{ key: name, name: provinceLabel(name, language), count },
            isChosen: name === chosen,
          }))}
        />
        {others.length > 0 && (
          <>
            <h3 class="chart-heading">
              {texts.others} <small>{texts.othersHint}</small>
            </h3>
            <RankedBars
              title={texts.others}
              max={longest}
              total={total}
              bars={others.slice(0, MAX_BARS).map((place) => ({ key: place.name, ...place }))}
            />
          </>
        )}
      </div>
    </div>
  );
}
