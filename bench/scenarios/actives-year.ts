import {
  COUNT_RETENTION,
  COUNT_ROLLING,
} from '../../src/infrastructure/persistence/actives/span-statements.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { askUntilAnswered } from '../support/ask-until-answered.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import { print } from '../support/output.js';
import type { Comparison } from '../support/results.js';

const DAYS = 365;

/** The least that a breakdown takes: a read of all its lists. */
const READ_LISTS_SQL = `
SELECT sum(length(ids)) FROM analytics_place_actives WHERE level = 1 AND day BETWEEN $1::date AND $2::date
`;
/** Changes the version of a day's bits as a build does, so that no part of the figure is one that was kept. */
const TOUCH_SQL = 'UPDATE analytics_active_days SET built_at = built_at WHERE day = $1::date';

interface YearFigure {
  readonly id: string;
  readonly work: string;
  readonly limitedBy: string;
  readonly path: string;
  readonly limit: readonly [sql: string, ...parameters: unknown[]];
}

/** Measures figures over a year until they are answered; a request may end before its figure is counted. */
export async function compareYears(context: BenchContext, last: string): Promise<Comparison[]> {
  const first = addDaysToKey(last, 1 - DAYS);
  const range = `startDate=${first}&endDate=${last}`;
  const whole = 'one statement without a time limit';
  const figures: readonly YearFigure[] = [
    {
      id: 'actives-year-rolling',
      work: `Rolling 30 of ${DAYS} days`,
      limitedBy: whole,
      path: `rolling-active-users?${range}`,
      limit: [COUNT_ROLLING.whole, first, last, 30],
    },
    {
      id: 'actives-year-retention',
      work: `Retention of ${DAYS} cohorts, after 1,2,3,7,14,30`,
      limitedBy: whole,
      path: `retention?${range}&cohort=active&after=1,2,3,7,14,30`,
      limit: [COUNT_RETENTION.whole, first, last, 0, [1, 2, 3, 7, 14, 30], last],
    },
    {
      id: 'actives-year-places',
      work: `34 provinces over ${DAYS} days`,
      limitedBy: 'a read of the lists of all its days',
      path: `active-users?${range}&interval=span&breakdown=province`,
      limit: [READ_LISTS_SQL, first, last],
    },
  ];
  const comparisons: Comparison[] = [];
  for (const figure of figures) comparisons.push(await compareYear(context, figure, last));
  return comparisons;
}

async function compareYear(
  context: BenchContext,
  { id, work, limitedBy, path, limit: [sql, ...parameters] }: YearFigure,
  last: string,
): Promise<Comparison> {
  const { owner } = context.servers;
  const url = `${context.serviceUrl}/analytics/${path}`;
  const requests: number[] = [];
  const comparison = await compare(
    context,
    { id, work: `${work}, over HTTP until it is answered`, limitedBy, unit: 'ms' },
    {
      measureLimit: async () => ({ value: (await elapsed(() => owner.query(sql, parameters))).ms }),
      measureService: async () => {
        await owner.query(TOUCH_SQL, [last]);
        const { result, ms } = await elapsed(() => askUntilAnswered(url));
        requests.push(result);
        return { value: ms };
      },
    },
  );
  print(`  requests until the answer, by round: ${requests.join(', ')}`);
  const [least, most] = [Math.min(...requests), Math.max(...requests)];
  const count = least === most ? String(most) : `${least} to ${most}`;
  return { ...comparison, work: `${comparison.work} (requests: ${count})` };
}
