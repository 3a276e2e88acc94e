import type { ActiveUsers } from '../../api/types.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import type { FootModel } from '../../ui/card-foot.js';
import { CsvButton } from '../../ui/csv-button.js';
import { HeatLegend } from '../../ui/heat-legend.js';
import { footOf } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { isProvinceRecord, provincesWithoutUsers, rankProvinces, type PlaceCount } from './places-model.js';
import { ProvinceTiles } from './province-tiles.js';
import { PROVINCES_MESSAGES } from './provinces-messages.js';
import { RankedBars } from './ranked-bars.js';
import { useSpanByPlace } from './use-span-by-place.js';

type Span = ActiveUsers['data'][number];

/** Distinct users of the range by province: squares in the place of the provinces, and a ranking beside them. */
export function ProvincesPanel({ range, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(PROVINCES_MESSAGES);
  const { figure, csv } = useSpanByPlace(range, 'province');
  const foot = (answer: ActiveUsers): FootModel => {
    const [span] = answer.data;
    const others = rankProvinces(span?.byProvince ?? {}).others.length;
    const { countedAtMs, notes } = footOf(answer, t.card, format);
    return {
      countedAtMs,
      isProvisional: span?.isFinal === false,
      notes: [
        ...[texts.total(format.count(span?.activeCount ?? 0)), texts.overlap],
        ...(others > 0 ? [texts.otherNames(others)] : []),
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
          fileName={['active-users-by-province', { startDate: range.startDate, endDate: range.endDate }]}
          call={csv}
          keep={isProvinceRecord}
          add={provincesWithoutUsers}
        />
      }
      table={({ data }) => ({
        columns: [texts.place, texts.kind, texts.active, texts.share],
        rows: tableRows(data[0]).map(({ name, count, isOther }) => [
          ...[provinceLabel(name, language), isOther ? texts.other : texts.province],
          ...[format.count(count), format.percent(count / Math.max(1, data[0]?.activeCount ?? 0))],
        ]),
      })}
      foot={foot}
    >
      {({ data: [span] }) => span !== undefined && <Provinces span={span} chosen={province} />}
    </Card>
  );
}

function tableRows(span: Span | undefined): (PlaceCount & { isOther: boolean })[] {
  const { provinces, others } = rankProvinces(span?.byProvince ?? {});
  return [
    ...provinces.map((place) => ({ ...place, isOther: false })),
    ...others.map((place) => ({ ...place, isOther: true })),
  ];
}

function Provinces({ span, chosen }: { readonly span: Span; readonly chosen: string | null }) {
  const { language, format } = useI18n();
  const texts = useMessages(PROVINCES_MESSAGES);
  const { byProvince = {}, activeCount } = span;
  const { provinces, others, max } = rankProvinces(byProvince);
  const longest = Math.max(max, others[0]?.count ?? 0);
  return (
    <div class="provinces">
      <div class="provinces-tiles">
        <ProvinceTiles counts={byProvince} max={max} />
        <HeatLegend label={texts.scale} max={max} format={format.count} />
      </div>
      {/* A scrolled region is reached by keyboard. */}
      <div class="provinces-ranking" role="region" aria-label={texts.ranking} tabIndex={0}>
        <RankedBars
          title={texts.ranking}
          max={longest}
          total={activeCount}
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
              total={activeCount}
              bars={others.map((place) => ({ key: place.name, ...place }))}
            />
          </>
        )}
      </div>
    </div>
  );
}
