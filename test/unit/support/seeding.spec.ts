import { readdirSync, readFileSync } from 'node:fs';

import { expect, it } from '@jest/globals';

const SUITES = new URL('../../integration/', import.meta.url);
/** Writes a table of the ingest path without its bucket. */
const BARE_INSERT =
  /INSERT INTO (?:analytics_event_log|analytics_event_corrections|analytics_daily_actives|analytics_dau_pending|analytics_outbox)\b/;

/** Suites with a server of their own, which is never a cluster's. */
const PLAIN_ONLY = ['chaos-faults.spec.ts', 'chaos-stores.spec.ts', 'failover.spec.ts'];

it('integration suites insert rows by the helper that knows the buckets', () => {
  const suites = readdirSync(SUITES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spec.ts'))
    .filter((name) => !PLAIN_ONLY.includes(name));
  expect(suites.length).toBeGreaterThan(40);
  const bare = suites.filter((name) => BARE_INSERT.test(readFileSync(new URL(name, SUITES), 'utf8')));
  expect(bare).toEqual([]);
});
