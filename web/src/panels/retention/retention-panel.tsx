import { useMemo, useState } from 'preact/hooks';
import { CSV } from '../../api/csv.js';
import { usePolled } from '../../api/use-polled.js';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { Segments } from '../../layout/segments.js';
import { Card } from '../../ui/card.js';
import { CsvButton } from '../../ui/csv-button.js';
import { PartNotice } from '../../ui/part-notice.js';
import { footOf } from '../figures-foot.js';
import type { PanelProps } from '../panel.js';
import { useLifecycle } from '../lifecycle/use-lifecycle.js';
import { RETENTION_MESSAGES } from './retention-messages.js';
import { AFTER, toTriangle } from './retention-model.js';
import { toTable } from './retention-rows.js';
import { RetentionTable } from './retention-table.js';

const EVERY_MS = 300_000;
const COHORTS = ['new', 'active'] as const;

/** The part of each day's users that came back; the service counts them for the whole country only. */
export function RetentionPanel({ range, province }: PanelProps) {
  const { startDate, endDate } = range;
  const { t, format } = useI18n();
  const texts = useMessages(RETENTION_MESSAGES);
  const [cohort, setCohort] = useState<(typeof COHORTS)[number]>('new');
  const query = { startDate, endDate, cohort, after: AFTER.join() };
  const figure = usePolled(`retention ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/retention', { params: { query }, signal }),
  );
  // Retention does not say which days are final; the lifecycle of the same days does.
  const lifecycle = useLifecycle(range).figure;
  const days = lifecycle.data?.data;
  const triangle = useMemo(() => {
    const known = (days ?? []).map(({ day, isFinal }) => [day, isFinal] as const);
    return toTriangle(figure.data?.data ?? [], new Map([...known, [endDate, false]]));
  }, [figure.data, days, endDate]);
  const hint = texts.hints[cohort];
  return (
    <Card
      title={texts.title}
      hint={province === null ? hint : `${hint} · ${t.card.wholeCountryOnly}`}
      span={6}
      figure={figure}
      isEmpty={() => triangle.rows.every(({ size }) => size === 0)}
      actions={
        <>
          <Segments
            label={texts.cohort}
            options={COHORTS.map((value) => ({ value, text: texts.cohorts[value] }))}
            value={cohort}
            onChange={setCohort}
          />
          <CsvButton
            title={texts.title}
            figure={figure}
            fileName={[`analytics-retention-${cohort}`, { startDate, endDate }]}
            call={(api) => api.GET('/analytics/retention', { params: { query }, ...CSV })}
          />
        </>
      }
      table={() => toTable(triangle, texts, t.chart, format)}
      foot={(answer) => {
        const { countedAtMs, notes } = footOf(answer, t.card, format);
        const { rows, beyond } = triangle;
        return {
          countedAtMs,
          isProvisional: rows.some(({ isProvisional }) => isProvisional),
          notes: [...(beyond.length === 0 ? [] : [texts.beyond(beyond.join(', +'))]), ...notes],
        };
      }}
    >
      {() => (
        <>
          <PartNotice text={texts.finalUnknown} part={lifecycle} />
          <RetentionTable triangle={triangle} caption={texts.caption(texts.cohorts[cohort])} />
        </>
      )}
    </Card>
  );
}
