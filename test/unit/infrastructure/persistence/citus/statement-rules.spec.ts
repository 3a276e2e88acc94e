import { describe, expect, it } from '@jest/globals';

import { brokenRules } from '../../../../support/citus/statement-rules.js';

describe('the rules for statements on a cluster', () => {
  it.each([
    ['an INSERT names', 'INSERT INTO analytics_dau_pending (day) VALUES ($1::date)'],
    [
      'an INSERT ... SELECT reads',
      'INSERT INTO analytics_dau_pending (bucket, id, day) SELECT 1, u.id, u.day FROM unnest($1, $2) AS u (id, day)',
    ],
    [
      'no INSERT into a distributed table stands in a CTE',
      'WITH i AS (INSERT INTO analytics_dau_pending (bucket) VALUES (1)) SELECT 1',
    ],
    [
      'a DELETE or UPDATE of a distributed table in a CTE',
      'WITH d AS (DELETE FROM analytics_outbox RETURNING 1) SELECT count(*) FROM d',
    ],
    [
      'an UPDATE or INSERT ... SELECT has no volatile function',
      'UPDATE analytics_outbox_lanes SET emptied_at = clock_timestamp() WHERE lane = $1',
    ],
    [
      'an UPDATE has no time in a CASE',
      'UPDATE analytics_outbox_lanes SET emptied_at = CASE WHEN $2 THEN now() END WHERE lane = $1',
    ],
    [
      'an UPDATE calculates no time',
      'UPDATE analytics_outbox_lanes SET retry_at = now() + failures * $2::interval, published_at = statement_timestamp() + failures WHERE lane = $1',
    ],
    ['FOR UPDATE is for one', 'SELECT lane FROM analytics_outbox_lanes FOR UPDATE SKIP LOCKED'],
    [
      'a sub-query in an expression',
      'SELECT lane, (SELECT count(*) FROM analytics_outbox) FROM analytics_outbox_lanes',
    ],
    [
      'tables of the coordinator',
      'SELECT d.day FROM analytics_daily_active_users d JOIN analytics_dau_pending p ON p.day = d.day',
    ],
    [
      'a UNION is for one',
      'SELECT day FROM analytics_dau_pending UNION SELECT day FROM analytics_daily_actives',
    ],
    [
      'a recursive CTE is for one',
      'WITH RECURSIVE places AS (SELECT place FROM analytics_daily_actives) SELECT * FROM places',
    ],
    [
      'a join of distributed tables',
      'SELECT i.id FROM analytics_daily_actives a JOIN analytics_identities i USING (identity)',
    ],
    [
      'identities are grouped with',
      'SELECT s.day FROM (SELECT identity, min(day) AS day FROM analytics_daily_actives GROUP BY identity) s',
    ],
    [
      'identities are grouped with',
      'SELECT count(*) FROM (SELECT DISTINCT day, identity FROM analytics_daily_actives) s',
    ],
    [
      'no lateral outer join',
      'SELECT n FROM unnest($1::date[]) AS days (day) LEFT JOIN LATERAL (SELECT count(*) AS n FROM analytics_active_bits) c ON true',
    ],
    [
      'RETURNING has no text of a date',
      "DELETE FROM analytics_identities WHERE bucket = $1::smallint RETURNING to_char(first_day, 'YYYY')",
    ],
    ['a delegated function', 'SELECT count(*) FROM analytics_flush($1, $2)'],
  ])('%s: fires', (rule, sql) => {
    expect(brokenRules(sql).some((name) => name.startsWith(rule))).toBe(true);
  });

  it.each([
    'SELECT level, count(*) FROM analytics_daily_actives WHERE day = $1::date GROUP BY level',
    'SELECT s.day FROM (SELECT bucket, identity, min(day) AS day FROM analytics_daily_actives GROUP BY bucket, identity) s',
    'SELECT * FROM analytics_flush($1::smallint, $2::boolean)',
    'DELETE FROM analytics_dau_pending WHERE id = ANY ($1::bigint[])',
    'SELECT day FROM analytics_daily_active_users UNION SELECT $1',
    "SELECT to_regclass('analytics_event_log') FROM pg_class",
    'WITH seen AS MATERIALIZED (SELECT day FROM analytics_daily_actives), i AS (INSERT INTO analytics_erased_actives (day) SELECT day FROM seen) SELECT 1',
    'WITH seen AS MATERIALIZED (SELECT identity FROM analytics_daily_actives) SELECT day FROM analytics_erased_actives CROSS JOIN seen',
    'BEGIN',
  ])('accept %s', (sql) => {
    expect(brokenRules(sql)).toEqual([]);
  });
});
