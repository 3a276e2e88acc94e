import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { Deployment } from '../support/deployment.js';
import { event } from '../support/events.js';
import { postJson } from '../support/http.js';
import type { Service } from '../support/service.js';

const DENIED = '42501';
/** Privileges of the service by table; it reaches partitions through their table only. */
const GRANTED: Readonly<Record<string, string>> = {
  analytics_event_log: 'SELECT INSERT',
  analytics_daily_actives: 'SELECT INSERT',
  analytics_erased_actives: 'SELECT',
  analytics_event_corrections: 'SELECT INSERT DELETE',
  analytics_active_bits: 'SELECT INSERT UPDATE',
  analytics_active_days: 'SELECT INSERT UPDATE',
  analytics_active_weeks: 'SELECT INSERT UPDATE',
  analytics_daily_active_users: 'SELECT INSERT UPDATE',
  analytics_dau_pending: 'SELECT INSERT DELETE',
  analytics_dropped_days: 'SELECT',
  analytics_identities: 'SELECT INSERT UPDATE',
  analytics_identity_blocks: 'SELECT INSERT UPDATE',
  analytics_identity_counters: 'SELECT INSERT UPDATE',
  analytics_online_snapshots: 'SELECT INSERT',
  analytics_outbox: 'SELECT INSERT UPDATE DELETE',
  analytics_outbox_lanes: 'SELECT UPDATE',
  analytics_place_actives: 'SELECT INSERT UPDATE',
  analytics_week_bits: 'SELECT INSERT DELETE',
  analytics_week_places: 'SELECT INSERT DELETE',
  analytics_write_probe: 'SELECT INSERT UPDATE',
};

let deployment: Deployment;
let service: Service;
let owner: Client;
/** connects with the credentials of the service */
let intruder: Client;
let partition: string;

beforeAll(async () => {
  deployment = await Deployment.create();
  const { ownerUrl, serviceUrl } = deployment.database;
  [owner, intruder] = await Promise.all([connect(ownerUrl), connect(serviceUrl)]);
  service = await deployment.start();
  const answer = await postJson(`${service.url}/analytics/events`, { events: [event(), event(), event()] });
  expect(answer).toMatchObject({ status: 200, body: { accepted: 3 } });
  const { rows } = await owner.query<{ name: string }>(
    'SELECT DISTINCT tableoid::regclass::text AS name FROM analytics_event_log',
  );
  partition = rows[0]!.name;
});

afterAll(async () => {
  await Promise.all([owner?.end(), intruder?.end()]);
  await deployment?.remove();
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Returns every row of the event log. */
async function readLog(): Promise<unknown> {
  return (await owner.query('SELECT * FROM analytics_event_log ORDER BY event_id')).rows;
}

/** Executes statements and rolls them back. @returns the SQLSTATE of the error, null when there is none */
async function sqlStateOf(statements: string): Promise<string | null> {
  await intruder.query('BEGIN');
  try {
    await intruder.query(statements);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code';
  } finally {
    await intruder.query('ROLLBACK');
    await intruder.query('RESET ALL');
  }
}

async function expectDenied(statements: string): Promise<void> {
  const before = await readLog();
  expect({ statements, code: await sqlStateOf(statements) }).toEqual({ statements, code: DENIED });
  expect(await readLog()).toEqual(before);
}

describe('the role of the service cannot change the event log', () => {
  it.each([
    ['an update of nothing', 'UPDATE analytics_event_log SET event_name = event_name WHERE false'],
    ['an update of one column', 'UPDATE analytics_event_log SET properties = NULL'],
    ['an update in a CTE', 'WITH u AS (UPDATE analytics_event_log SET user_id = 1 RETURNING 1) SELECT 1'],
    ['a deletion in a CTE', 'WITH d AS (DELETE FROM analytics_event_log RETURNING 1) SELECT 1'],
    [
      'a deletion with a join',
      'DELETE FROM analytics_event_log l USING analytics_outbox o WHERE l.event_id = o.id',
    ],
    ['an exclusive table lock', 'LOCK TABLE analytics_event_log IN ACCESS EXCLUSIVE MODE'],
    ['row locks', 'SELECT * FROM analytics_event_log FOR UPDATE'],
    ['a truncation of all partitions', 'TRUNCATE analytics_event_log, analytics_daily_actives CASCADE'],
    ['a restarted sequence', 'ALTER SEQUENCE analytics_event_log_id_seq RESTART'],
    ['a sequence that is set', "SELECT setval('analytics_event_log_id_seq', 1)"],
    ['a renamed table', 'ALTER TABLE analytics_event_log RENAME TO gone'],
    ['a moved table', 'ALTER TABLE analytics_event_log SET SCHEMA pg_temp'],
    ['a dropped column', 'ALTER TABLE analytics_event_log DROP COLUMN properties'],
    ['an altered column', 'ALTER TABLE analytics_event_log ALTER COLUMN user_id TYPE text'],
    ['a rule that replaces inserts', 'CREATE RULE r AS ON INSERT TO analytics_event_log DO INSTEAD NOTHING'],
    [
      'a new trigger',
      'CREATE TRIGGER t BEFORE INSERT ON analytics_event_log EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ],
    ['a row security policy', 'ALTER TABLE analytics_event_log ENABLE ROW LEVEL SECURITY'],
    ['disabled triggers', 'ALTER TABLE analytics_event_log DISABLE TRIGGER ALL'],
    ['one disabled trigger', 'ALTER TABLE analytics_event_log DISABLE TRIGGER event_log_append_only'],
    ['a dropped trigger', 'DROP TRIGGER event_log_append_only ON analytics_event_log'],
    [
      'a replaced trigger function',
      'CREATE OR REPLACE FUNCTION public.analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
    ],
    ['a dropped trigger function', 'DROP FUNCTION analytics_refuse_change() CASCADE'],
    [
      'a replication role that skips triggers',
      'SET session_replication_role = replica; DELETE FROM analytics_event_log',
    ],
    [
      'a dropped primary key',
      'ALTER TABLE analytics_event_log DROP CONSTRAINT analytics_event_log_pkey CASCADE',
    ],
    ['a dropped index', 'DROP INDEX analytics_event_log_pkey'],
    ['a dropped table', 'DROP TABLE analytics_event_log CASCADE'],
  ])('by %s', async (_, statements) => expectDenied(statements));

  it.each([
    'UPDATE <partition> SET user_id = 1',
    'UPDATE ONLY <partition> SET user_id = 1',
    'DELETE FROM <partition>',
    'TRUNCATE <partition>',
    'DROP TABLE <partition>',
    'ALTER TABLE analytics_event_log DETACH PARTITION <partition>',
    'ALTER TABLE <partition> DISABLE TRIGGER ALL',
    'ALTER TABLE <partition> NO INHERIT analytics_event_log',
    'ALTER TABLE <partition> RENAME TO gone',
    // A partition would bypass the columns and checks of the table.
    'INSERT INTO <partition> SELECT * FROM analytics_event_log',
    'SELECT * FROM <partition>',
    'COPY <partition> FROM STDIN',
  ])('through a partition: %s', async (statement) =>
    expectDenied(statement.replace('<partition>', partition)),
  );
});

describe('the role of the service cannot escalate its privileges', () => {
  it.each([
    'SET ROLE postgres',
    'SET SESSION AUTHORIZATION postgres',
    'ALTER ROLE CURRENT_USER SUPERUSER',
    'ALTER ROLE CURRENT_USER CREATEROLE',
    'ALTER ROLE analytics_service LOGIN',
    'CREATE ROLE back_door LOGIN SUPERUSER',
    'GRANT postgres TO CURRENT_USER',
    'GRANT pg_read_all_data TO CURRENT_USER',
    'GRANT pg_execute_server_program TO CURRENT_USER',
    'ALTER TABLE analytics_event_log OWNER TO CURRENT_USER',
    'ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON TABLES TO analytics_service',
    'CREATE SCHEMA of_its_own',
    'CREATE TABLE public.of_its_own (x int)',
    'CREATE VIEW public.of_its_own AS SELECT 1',
    'CREATE FUNCTION public.of_its_own() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'CREATE TYPE public.of_its_own AS ENUM ()',
    'CREATE SEQUENCE public.of_its_own',
    'CREATE EXTENSION dblink',
    'CREATE LANGUAGE plperlu',
    'CREATE PUBLICATION p FOR ALL TABLES',
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p",
    'CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION analytics_refuse_change()',
    "ALTER SYSTEM SET log_statement = 'all'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY (SELECT 1) TO '/tmp/of-its-own'",
    "COPY analytics_dau_pending FROM '/etc/passwd'",
    "COPY analytics_dau_pending FROM PROGRAM 'id'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    'SELECT pg_reload_conf()',
    'SELECT pg_switch_wal()',
    'SELECT * FROM pg_authid',
    'SELECT * FROM pg_hba_file_rules',
    'SELECT * FROM pg_statistic',
    'SELECT * FROM analytics_migrations',
  ])('by %s', async (statements) => {
    const code = await sqlStateOf(statements);
    // PostgreSQL rejects some statements for another reason before it checks privileges.
    expect({ statements, refused: code !== null }).toEqual({ statements, refused: true });
    if (!['25001', '0A000', '58P01'].includes(code!))
      expect({ statements, code }).toEqual({ statements, code: DENIED });
  });

  it('by ending or reading sessions of the owner', async () => {
    const { rows } = await owner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await expectDenied(`SELECT pg_terminate_backend(${rows[0]!.pid})`);
    await expectDenied(`SELECT pg_cancel_backend(${rows[0]!.pid})`);
    const { rows: seen } = await intruder.query<{ query: string }>(
      'SELECT query FROM pg_stat_activity WHERE pid = $1',
      [rows[0]!.pid],
    );
    expect(seen).toEqual([{ query: '<insufficient privilege>' }]);
  });
});

describe('the functions that run as the owner', () => {
  it('are the only ones of their kind', async () => {
    const { rows } = await owner.query(
      "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1",
    );
    expect(rows.map(({ proname }) => proname as unknown)).toEqual([
      'analytics_drop_day',
      'analytics_ensure_partitions',
      'analytics_reopen_day',
    ]);
  });

  // PostgreSQL resolves temporary tables first, unless a function sets its search_path.
  it('ignore a temporary table of the same name, whose index would run code as the owner', async () => {
    const ranAs: string[] = [];
    const attacker = await connect(deployment.database.serviceUrl);
    attacker.on('notice', ({ message }) => ranAs.push(message ?? ''));
    try {
      await attacker.query(`
        CREATE FUNCTION pg_temp.stolen(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql
          AS $$BEGIN RAISE WARNING '%', current_user; RETURN i; END$$;
        CREATE TEMPORARY TABLE analytics_event_log (LIKE public.analytics_event_log);
        CREATE TEMPORARY TABLE analytics_daily_actives (LIKE public.analytics_daily_actives);
        CREATE TEMPORARY TABLE analytics_daily_active_users AS SELECT * FROM public.analytics_daily_active_users;
        CREATE TEMPORARY TABLE analytics_dau_pending AS SELECT * FROM public.analytics_dau_pending;
        CREATE INDEX ON pg_temp.analytics_event_log ((pg_temp.stolen(1)));
        CREATE INDEX ON pg_temp.analytics_daily_actives ((pg_temp.stolen(1)))`);
      const { rows } = await attacker.query<{ name: string }>('SELECT current_user AS name');
      await attacker
        .query("SELECT analytics_ensure_partitions('2031-05-05', '2031-05-05')")
        .catch((error: unknown) => ranAs.push(String(error)));
      await attacker
        .query("SELECT analytics_drop_day('events', '2020-01-01', NULL)")
        .catch((error: unknown) => ranAs.push(String(error)));
      expect(ranAs.filter((name) => name !== rows[0]!.name)).toEqual([]);
    } catch (error) {
      // The attack is impossible when the role may not create temporary tables.
      if ((error as { code?: string }).code !== DENIED) throw error;
    } finally {
      await attacker.end();
    }
  });

  it('create partitions of the real tables beside temporary ones', async () => {
    await intruder.query('BEGIN');
    try {
      await intruder
        .query('CREATE TEMPORARY TABLE analytics_event_log (LIKE public.analytics_event_log)')
        .catch(async () => {
          await intruder.query('ROLLBACK');
          await intruder.query('BEGIN');
        });
      await intruder.query("SELECT analytics_ensure_partitions('2031-05-05', '2031-05-05')");
      const { rows } = await intruder.query(
        `SELECT inhparent = 'public.analytics_event_log'::regclass AS real FROM pg_inherits
         WHERE inhrelid = to_regclass('public.analytics_event_log_p20310505')`,
      );
      expect(rows).toEqual([{ real: true }]);
    } finally {
      await intruder.query('ROLLBACK');
    }
  });

  it.each([
    ['text with SQL', "'2025-01-01; DROP TABLE analytics_event_log', '2025-01-01'", '22007'],
    ['infinite days', "'infinity', 'infinity'", '22008'],
  ])('reject %s as an argument', async (_, days, code) => {
    const before = await readLog();
    expect(await sqlStateOf(`SELECT analytics_ensure_partitions(${days})`)).toBe(code);
    expect(await readLog()).toEqual(before);
  });

  it.each([
    [
      'a day of the last ten days',
      "'events', ((now() AT TIME ZONE 'Asia/Shanghai')::date - 10), NULL",
      '22023',
    ],
    ['a day to come', "'events', 'infinity', NULL", '22023'],
    ['no day', "'events', NULL, NULL", '22023'],
    ['another table', "'analytics_daily_active_users', '2020-01-01', NULL", '22023'],
    ['no table', "NULL, '2020-01-01', NULL", '22023'],
    ['text with SQL', "'events', '2020-01-01; DROP TABLE analytics_event_log', NULL", '22007'],
  ])('drop nothing for %s', async (_, call, code) => {
    expect(await sqlStateOf(`SELECT analytics_drop_day(${call})`)).toBe(code);
  });

  it('drop no day whose active users have no final figures, whatever version the caller names', async () => {
    await intruder.query("SELECT analytics_ensure_partitions('2020-01-02', '2020-01-02')");
    await owner.query("INSERT INTO analytics_daily_actives VALUES ('2020-01-02', 0, '', 'u:1')");
    for (const version of ['NULL', '1', '0']) {
      const { rows } = await intruder.query<{ outcome: string }>(
        `SELECT outcome FROM analytics_drop_day('actives', '2020-01-02', ${version})`,
      );
      expect(rows).toEqual([{ outcome: 'changed' }]);
    }
    expect((await owner.query("SELECT FROM analytics_daily_actives WHERE day = '2020-01-02'")).rowCount).toBe(
      1,
    );
  });

  it('drop nothing for a service from which the owner takes that right', async () => {
    await owner.query(
      'REVOKE EXECUTE ON FUNCTION analytics_drop_day(text, date, integer) FROM analytics_service',
    );
    try {
      expect(await sqlStateOf("SELECT analytics_drop_day('events', '2020-01-02', NULL)")).toBe(DENIED);
    } finally {
      await owner.query(
        'GRANT EXECUTE ON FUNCTION analytics_drop_day(text, date, integer) TO analytics_service',
      );
    }
  });

  it('reopen no day that was not dropped', async () => {
    for (const day of ["'2020-01-03'", "'infinity'", 'NULL']) {
      const { rows } = await intruder.query(`SELECT analytics_reopen_day(${day}) AS reopened`);
      expect(rows).toEqual([{ reopened: false }]);
    }
  });

  it('create nothing for NULL', async () => {
    const { rows } = await intruder.query('SELECT analytics_ensure_partitions(NULL, NULL) AS made');
    expect(rows).toEqual([{ made: 0 }]);
  });
});

describe('the privileges of the service', () => {
  it('are exactly the granted ones, table by table', async () => {
    const { rows } = await intruder.query<{ name: string; granted: string }>(`
      SELECT c.oid::regclass::text AS name,
             (SELECT string_agg(p, ' ' ORDER BY o) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
                'REFERENCES', 'TRIGGER']) WITH ORDINALITY AS t (p, o) WHERE has_table_privilege(c.oid, p)) AS granted
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1`);
    expect(rows.length).toBeGreaterThan(Object.keys(GRANTED).length);
    expect(
      Object.fromEntries(rows.flatMap(({ name, granted }) => (granted === null ? [] : [[name, granted]]))),
    ).toEqual(GRANTED);
  });

  it('belong to a role without other attributes', async () => {
    const { rows } = await intruder.query(`
      SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
             has_schema_privilege('public', 'CREATE') AS creates,
             pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'MEMBER') AS owns
      FROM pg_roles WHERE rolname IN (current_user, 'analytics_service')`);
    const nothing = {
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolbypassrls: false,
      creates: false,
      owns: false,
    };
    expect(rows).toEqual([nothing, nothing]);
  });

  it('suffice to store events', async () => {
    const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
  });
});
