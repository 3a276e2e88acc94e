import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { event } from '../support/events.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postJson } from '../support/http.js';
import { settings, startService, type Service } from '../support/service.js';

const DENIED = '42501';
/** What the service was given, by table (its partitions are reached through it and through nothing else). */
const GRANTED: Readonly<Record<string, string>> = {
  analytics_event_log: 'SELECT INSERT',
  analytics_daily_actives: 'SELECT INSERT',
  analytics_event_corrections: 'SELECT INSERT DELETE',
  analytics_daily_active_users: 'SELECT INSERT UPDATE',
  analytics_dau_pending: 'SELECT INSERT DELETE',
  analytics_online_snapshots: 'SELECT INSERT',
  analytics_outbox: 'SELECT INSERT UPDATE DELETE',
  analytics_outbox_lanes: 'SELECT UPDATE',
};

let database: TestDatabase;
let service: Service;
let owner: Client;
/** What somebody has who has got hold of the service's own connection. */
let intruder: Client;
let partition: string;

beforeAll(async () => {
  database = await createTestDatabase();
  [owner, intruder] = await Promise.all([connect(database.ownerUrl), connect(database.serviceUrl)]);
  service = await startService({ env: settings({ databaseUrl: database.serviceUrl }) });
  const answer = await postJson(`${service.url}/analytics/events`, { events: [event(), event(), event()] });
  expect(answer).toMatchObject({ status: 200, body: { accepted: 3 } });
  const { rows } = await owner.query<{ name: string }>(
    'SELECT DISTINCT tableoid::regclass::text AS name FROM analytics_event_log',
  );
  partition = rows[0]!.name;
});

afterAll(async () => {
  await service?.stop();
  await Promise.all([owner?.end(), intruder?.end()]);
  await database?.drop();
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The log, row by row, so that nothing can be put back behind our back. */
async function readLog(): Promise<unknown> {
  return (await owner.query('SELECT * FROM analytics_event_log ORDER BY event_id')).rows;
}

/** Tries it in a transaction that is taken back in any case. @returns how PostgreSQL refused it, null when it did not */
async function refusal(statements: string): Promise<string | null> {
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

async function expectRefused(statements: string): Promise<void> {
  const before = await readLog();
  expect({ statements, code: await refusal(statements) }).toEqual({ statements, code: DENIED });
  expect(await readLog()).toEqual(before);
}

describe('who has the service’s connection cannot change what happened:', () => {
  it.each([
    ['an update of nothing', 'UPDATE analytics_event_log SET event_name = event_name WHERE false'],
    ['an update of one column', 'UPDATE analytics_event_log SET properties = NULL'],
    [
      'an update in a statement within',
      'WITH u AS (UPDATE analytics_event_log SET user_id = 1 RETURNING 1) SELECT 1',
    ],
    ['a deletion in a statement within', 'WITH d AS (DELETE FROM analytics_event_log RETURNING 1) SELECT 1'],
    [
      'a deletion by a join',
      'DELETE FROM analytics_event_log l USING analytics_outbox o WHERE l.event_id = o.id',
    ],
    ['a lock that keeps all others out', 'LOCK TABLE analytics_event_log IN ACCESS EXCLUSIVE MODE'],
    ['rows locked one by one', 'SELECT * FROM analytics_event_log FOR UPDATE'],
    ['all partitions emptied at once', 'TRUNCATE analytics_event_log, analytics_daily_actives CASCADE'],
    ['ids that start again', 'ALTER SEQUENCE analytics_event_log_id_seq RESTART'],
    ['the sequence set by hand', "SELECT setval('analytics_event_log_id_seq', 1)"],
    ['the log renamed', 'ALTER TABLE analytics_event_log RENAME TO gone'],
    ['the log moved away', 'ALTER TABLE analytics_event_log SET SCHEMA pg_temp'],
    ['a column dropped', 'ALTER TABLE analytics_event_log DROP COLUMN properties'],
    ['a column changed', 'ALTER TABLE analytics_event_log ALTER COLUMN user_id TYPE text'],
    ['a rule instead of inserts', 'CREATE RULE r AS ON INSERT TO analytics_event_log DO INSTEAD NOTHING'],
    [
      'a trigger of its own',
      'CREATE TRIGGER t BEFORE INSERT ON analytics_event_log EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ],
    ['a policy', 'ALTER TABLE analytics_event_log ENABLE ROW LEVEL SECURITY'],
    ['the triggers off', 'ALTER TABLE analytics_event_log DISABLE TRIGGER ALL'],
    ['one trigger off', 'ALTER TABLE analytics_event_log DISABLE TRIGGER event_log_append_only'],
    ['a trigger dropped', 'DROP TRIGGER event_log_append_only ON analytics_event_log'],
    [
      'its function replaced',
      'CREATE OR REPLACE FUNCTION public.analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
    ],
    ['its function dropped', 'DROP FUNCTION analytics_refuse_change() CASCADE'],
    ['triggers that do not fire', 'SET session_replication_role = replica; DELETE FROM analytics_event_log'],
    ['its key dropped', 'ALTER TABLE analytics_event_log DROP CONSTRAINT analytics_event_log_pkey CASCADE'],
    ['an index dropped', 'DROP INDEX analytics_event_log_pkey'],
    ['the log dropped', 'DROP TABLE analytics_event_log CASCADE'],
  ])('%s', async (_, statements) => expectRefused(statements));

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
    // Past the log's own columns and checks.
    'INSERT INTO <partition> SELECT * FROM analytics_event_log',
    'SELECT * FROM <partition>',
    'COPY <partition> FROM STDIN',
  ])('nor by way of a partition: %s', async (statement) =>
    expectRefused(statement.replace('<partition>', partition)),
  );
});

describe('who has the service’s connection cannot become anybody else:', () => {
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
  ])('%s', async (statements) => {
    const code = await refusal(statements);
    // Some are impossible in a transaction, or for another reason, before anybody asks who wants it.
    expect({ statements, refused: code !== null }).toEqual({ statements, refused: true });
    if (!['25001', '0A000', '58P01'].includes(code!))
      expect({ statements, code }).toEqual({ statements, code: DENIED });
  });

  it('it cannot end the owner’s sessions, nor read what they are doing', async () => {
    const { rows } = await owner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await expectRefused(`SELECT pg_terminate_backend(${rows[0]!.pid})`);
    await expectRefused(`SELECT pg_cancel_backend(${rows[0]!.pid})`);
    const { rows: seen } = await intruder.query<{ query: string }>(
      'SELECT query FROM pg_stat_activity WHERE pid = $1',
      [rows[0]!.pid],
    );
    expect(seen).toEqual([{ query: '<insufficient privilege>' }]);
  });
});

describe('the one function that runs as the owner', () => {
  it('is the only one', async () => {
    const { rows } = await owner.query(
      "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    );
    expect(rows).toEqual([{ proname: 'analytics_ensure_partitions' }]);
  });

  // A session's temporary tables are found before all others, unless a function says where it looks.
  it('is not led astray by a temporary table of the same name, whose index would run code as the owner', async () => {
    const ranAs: string[] = [];
    const thief = await connect(database.serviceUrl);
    thief.on('notice', ({ message }) => ranAs.push(message ?? ''));
    try {
      await thief.query(`
        CREATE FUNCTION pg_temp.stolen(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql
          AS $$BEGIN RAISE WARNING '%', current_user; RETURN i; END$$;
        CREATE TEMPORARY TABLE analytics_event_log (LIKE public.analytics_event_log);
        CREATE TEMPORARY TABLE analytics_daily_actives (LIKE public.analytics_daily_actives);
        CREATE INDEX ON pg_temp.analytics_event_log ((pg_temp.stolen(1)));
        CREATE INDEX ON pg_temp.analytics_daily_actives ((pg_temp.stolen(1)))`);
      const { rows } = await thief.query<{ name: string }>('SELECT current_user AS name');
      await thief
        .query("SELECT analytics_ensure_partitions('2031-05-05', '2031-05-05')")
        .catch((error: unknown) => ranAs.push(String(error)));
      expect(ranAs.filter((name) => name !== rows[0]!.name)).toEqual([]);
    } catch (error) {
      // Where it may make nothing temporary, there is nothing to be led astray by.
      if ((error as { code?: string }).code !== DENIED) throw error;
    } finally {
      await thief.end();
    }
  });

  it('makes the partitions of the real tables all the same', async () => {
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
    ['no day', "'2025-01-01; DROP TABLE analytics_event_log', '2025-01-01'", '22007'],
    ['days without end', "'infinity', 'infinity'", '22008'],
  ])('takes nothing but days: %s is refused as a value', async (_, days, code) => {
    const before = await readLog();
    expect(await refusal(`SELECT analytics_ensure_partitions(${days})`)).toBe(code);
    expect(await readLog()).toEqual(before);
  });

  it('makes nothing for days that nobody names', async () => {
    const { rows } = await intruder.query('SELECT analytics_ensure_partitions(NULL, NULL) AS made');
    expect(rows).toEqual([{ made: 0 }]);
  });
});

describe('what the service may do', () => {
  it('is what it was given, table by table, and nothing on any other', async () => {
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

  it('is given to a role that is nothing else', async () => {
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

  it('is enough for all that it does', async () => {
    const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
  });
});
