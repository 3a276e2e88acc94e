import { describe, expect, it } from '@jest/globals';

import { loadConfiguration } from '../../../src/config/configuration.js';
import { problemsOf } from './problems-of.js';

const COORDINATOR = 'postgresql://service:x@coordinator/analytics';
const WORKERS = 'postgresql://service:x@worker-1/analytics, postgresql://service:x@worker-2/analytics';

describe('the settings of a Citus cluster', () => {
  it('name the coordinator, and the workers that take flushes directly', () => {
    const { database } = loadConfiguration({
      CITUS: 'true',
      DATABASE_URL: COORDINATOR,
      DATABASE_INGEST_URLS: WORKERS,
    });
    expect(database).toMatchObject({
      url: COORDINATOR,
      isDistributed: true,
      ingestUrls: WORKERS.split(', '),
    });
  });

  it('name several hosts of a worker with commas between them, as for one server', () => {
    const urls = [
      'postgresql://service:x@worker-1,worker-1b:5433/analytics?target_session_attrs=read-write',
      'postgres://service:x@worker-2:5432,worker-2b:5432/analytics',
    ];
    for (const DATABASE_INGEST_URLS of [urls.join(), urls.join(' , '), `${urls.join()},`]) {
      const { database } = loadConfiguration({
        CITUS: 'true',
        DATABASE_URL: COORDINATOR,
        DATABASE_INGEST_URLS,
      });
      expect(database.ingestUrls).toEqual(urls);
    }
  });

  it.each(['a,,b', 'worker-1?target_session_attrs=read-only'])(
    'are rejected with hosts of a worker that no connection can use: %s',
    (hosts) => {
      const DATABASE_INGEST_URLS = `postgresql://service:x@${hosts.replace('?', '/analytics?')}`;
      expect(problemsOf({ CITUS: 'true', DATABASE_URL: COORDINATOR, DATABASE_INGEST_URLS })).toEqual([
        expect.stringMatching(/^DATABASE_INGEST_URLS must be URLs .+ its value is not shown/),
      ]);
    },
  );

  it.each([
    ['DATABASE_URL', { DATABASE_URL: `${COORDINATOR}?pgbouncer=true` }],
    [
      'DATABASE_INGEST_URLS',
      { DATABASE_URL: COORDINATOR, DATABASE_INGEST_URLS: `${COORDINATOR}?schema=figures&pgbouncer=true` },
    ],
  ])('are rejected behind a pooler, as %s', (name, urls) => {
    expect(problemsOf({ CITUS: 'true', ...urls })).toEqual([
      expect.stringMatching(new RegExp(`^${name} must not have pgbouncer=true when CITUS is true: `)),
    ]);
  });

  it('are rejected without a coordinator, without CITUS=true and with a wrong URL', () => {
    expect(problemsOf({ CITUS: 'true' })).toEqual([
      expect.stringMatching(/^DATABASE_URL must be set when CITUS is true, it is absent: /),
    ]);
    expect(problemsOf({ DATABASE_URL: COORDINATOR, DATABASE_INGEST_URLS: WORKERS })).toEqual([
      expect.stringMatching(/^CITUS must be true when DATABASE_INGEST_URLS is set, it is false: /),
    ]);
    expect(
      problemsOf({ CITUS: 'true', DATABASE_URL: COORDINATOR, DATABASE_INGEST_URLS: 'worker-1,worker-2' }),
    ).toEqual([expect.stringMatching(/^DATABASE_INGEST_URLS must be URLs .+ its value is not shown/)]);
  });

  it('allow retention', () => {
    expect(problemsOf({ CITUS: 'true', DATABASE_URL: COORDINATOR, RETENTION_DAYS_EVENTS: '90' })).toEqual([]);
  });
});
