import { useMemo } from 'preact/hooks';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { provinceLabel } from '../../state/provinces.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { footOf } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { CITIES_MESSAGES } from './cities-messages.js';
import { cityLabel, provinceBeside, provinceOfCity } from './city-places.js';
import { citiesIn, isCityRecord, rankPlaces } from './places-model.js';
import { MAX_BARS, RankedBars } from './ranked-bars.js';
import { useSpanByPlace } from './use-span-by-place.js';

/** Distinct users of the range by city: of the chosen province, or the largest of the country. */
export function CitiesPanel({ range, province }: PanelProps) {
  const { t, format, language } = useI18n();
  const texts = useMessages(CITIES_MESSAGES);
  const { figure, csv } = useSpanByPlace(range, 'city');
  const span = figure.data?.data[0];
  const { cities, unplaced } = useMemo(() => {
    const ranked = rankPlaces(span?.byCity ?? {});
    return province === null ? { cities: ranked, unplaced: 0 } : citiesIn(province, ranked);
  }, [span, province]);
  const title = province === null ? texts.title : texts.titleOf(provinceLabel(province, language));
  const provinceText = (city: string): string => provinceOfCity(city)?.short[language] ?? texts.other;
  const bars = cities.slice(0, MAX_BARS);
  return (
    <Card
      title={title}
      hint={texts.hint(range.days)}
      span={6}
      figure={figure}
      isEmpty={() => span?.byCity === undefined || Object.keys(span.byCity).length === 0}
      actions={
        <CsvButton
          title={title}
          figure={figure}
          fileName={[
            'active-users-by-city',
            { startDate: range.startDate, endDate: range.endDate, province },
          ]}
          call={csv}
          keep={(row) => isCityRecord(row, province)}
        />
      }
      table={() => ({
        columns: [texts.city, texts.province, texts.active],
        rows: cities.map(({ name, count }) => [
          ...[cityLabel(name, language), provinceText(name), format.count(count)],
        ]),
      })}
      foot={(answer) => {
        const { countedAtMs, notes } = footOf(answer, t.card, format);
        return {
          countedAtMs,
          isProvisional: span?.isFinal === false,
          notes: [
            ...(cities.length > bars.length ? [texts.largest(bars.length, cities.length)] : []),
            ...(unplaced > 0 ? [texts.unplaced(unplaced)] : []),
            texts.overlap,
            ...notes,
          ],
        };
      }}
    >
      {() =>
        bars.length === 0 ? (
          <p class="card-state">{texts.none}</p>
        ) : (
          <div class="cities">
            <RankedBars
              title={texts.ranking}
              max={bars[0]?.count ?? 0}
              bars={bars.map(({ name, count }) => ({
                ...{ key: name, name: cityLabel(name, language), count },
                note:
                  province === null && provinceBeside(name) !== undefined ? provinceText(name) : undefined,
              }))}
            />
          </div>
        )
      }
    </Card>
  );
}
