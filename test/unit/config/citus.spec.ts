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
