import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createDistributedDatabase, type TestDatabase } from '../support/database.js';

const DENIED = '42501';
const INVALID_PARAMETER = '22023';
const DROP = 'analytics_drop_distributed_day(text, date, integer)';

let database: TestDatabase;
let owner: Client;
/** Connects with the credentials of the service. */
let intruder: Client;

beforeAll(async () => {
  database = await createDistributedDatabase();
  owner = new Client({ connectionString: database.ownerUrl });
  intruder = new Client({ connectionString: database.serviceUrl });
  await Promise.all([owner.connect(), intruder.connect()]);
});

afterAll(async () => {
  await Promise.all([owner?.end(), intruder?.end()]);
  await database?.drop();
});

async function sqlStateOf(sql: string): Promise<string | null> {
  try {
    await intruder.query(sql);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('the functions of a cluster that run as the owner', () => {
  it('are the only ones of their kind, and find no table that their caller made', async () => {
    const { rows } = await owner.query<{ name: string; path: string }>(`
      SELECT proname AS name, (SELECT setting FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%') AS path
      FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1`);
    expect(rows).toEqual(
      [
        'analytics_drop_day',
        'analytics_drop_distributed_day',
        'analytics_ensure_partitions',
        'analytics_reopen_day',
      ].map((name) => ({ name, path: 'search_path=public, pg_temp' })),
    );
  });

  it.each([
    [
      'a day of the last ten days',
      "'events', ((now() AT TIME ZONE 'Asia/Shanghai')::date - 10), NULL",
      INVALID_PARAMETER,
    ],
    ['a day to come', "'events', 'infinity', NULL", INVALID_PARAMETER],
    ['no day', "'events', NULL, NULL", INVALID_PARAMETER],
    ['another table', "'analytics_daily_active_users', '2020-01-01', NULL", INVALID_PARAMETER],
    ['no table', "NULL, '2020-01-01', NULL", INVALID_PARAMETER],
    ['text with SQL', "'events', '2020-01-01; DROP TABLE analytics_event_log', NULL", '22007'],
  ])('drop nothing for %s', async (_, call, code) => {
    expect(await sqlStateOf(`SELECT analytics_drop_distributed_day(${call})`)).toBe(code);
  });

  it('drop no day that has no partition, and none by the function for one server', async () => {
    const { rows } = await intruder.query<{ outcome: string }>(
      "SELECT analytics_drop_distributed_day('events', '2020-01-01', NULL) AS outcome",
    );
    expect(rows).toEqual([{ outcome: 'absent' }]);
    expect(await sqlStateOf("SELECT analytics_drop_day('events', '2020-01-01', NULL)")).toBe(DENIED);
  });

  it('drop nothing for a service from which the owner takes that right', async () => {
    await owner.query(`REVOKE EXECUTE ON FUNCTION ${DROP} FROM analytics_service`);
    try {
      const sql = "SELECT analytics_drop_distributed_day('events', '2020-01-01', NULL)";
      expect(await sqlStateOf(sql)).toBe(DENIED);
    } finally {
      await owner.query(`GRANT EXECUTE ON FUNCTION ${DROP} TO analytics_service`);
    }
  });
});
