import type { Client } from 'pg';
import { waitFor } from '../../../test/support/processes.js';
import type { SabotageContext, SeededFault } from './sabotage.js';

const DRAINS_WITHIN_MS = 30_000;
/** Rows that only the log knows, each the victim of one sabotage. */
const VICTIM_SQL = `
SELECT DISTINCT event_id FROM analytics_event_log
WHERE event_name NOT IN ('app_session_start', 'user_account_created')
ORDER BY event_id OFFSET $1 LIMIT 1`;
const COPY_SQL =
  'INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)';

/** Faults of what is stored. */
export const DATABASE_SABOTAGE: readonly SeededFault[] = [
  // The first, because the others wait until the outbox is empty.
  stuckLane(),
  {
    commits: 'loses an acknowledged event',
    checks: ['every acknowledged event is stored'],
    afterLoad: onVictim(0, 'DELETE FROM analytics_event_log WHERE event_id = $1'),
  },
  {
    commits: 'stores an event twice',
    checks: ['no event is stored twice'],
    afterLoad: onVictim(
      1,
      `${COPY_SQL} SELECT event_id, event_time + interval '1 ms', user_id, install_id, event_name, properties
       FROM analytics_event_log WHERE event_id = $1`,
    ),
  },
  {
    commits: 'stores another install',
    checks: ['every stored event has its fields'],
    afterLoad: onVictim(2, "UPDATE analytics_event_log SET install_id = 'another' WHERE event_id = $1"),
  },
  {
    commits: 'stores an event that nobody sent',
    checks: ['nothing is stored that was not sent'],
    afterLoad: onVictim(
      3,
      `${COPY_SQL} SELECT gen_random_uuid(), event_time, user_id, install_id, event_name, properties
       FROM analytics_event_log WHERE event_id = $1`,
    ),
  },
  {
    commits: 'records an account twice',
    checks: ['every account is recorded once'],
    afterLoad: withLog(async (client) => {
      await client.query(
        `${COPY_SQL} SELECT gen_random_uuid(), event_time, user_id, install_id, event_name, properties
         FROM analytics_event_log WHERE event_name = 'user_account_created' LIMIT 1`,
      );
    }),
  },
  {
    commits: 'stores another DAU than it counted',
    checks: ['DAU equals the model', 'audit is clean', 'dau.calculated equals the stored version'],
    begin: trigger(
      'analytics_daily_active_users',
      'INSERT OR UPDATE',
      'NEW.dau_count := NEW.dau_count + 1; RETURN NEW;',
    ),
  },
  {
    commits: 'loses, changes and misplaces messages of its outbox',
    checks: [
      'every stored session is published',
      'published sessions have the fields of their rows',
      'sessions of a subject are published in order',
    ],
    begin: trigger(
      'analytics_outbox',
      'INSERT',
      `IF NEW.type <> 'analytics.session.started' THEN RETURN NEW; END IF;
       CASE left(md5(NEW.id::text), 1)
         WHEN '0' THEN RETURN NULL;
         WHEN '1' THEN NEW.payload := jsonb_set(NEW.payload, '{installId}', '"another"');
         WHEN '2' THEN NEW.aggregateid := NEW.id::text;
         ELSE
       END CASE;
       RETURN NEW;`,
    ),
  },
];

function onVictim(number: number, sql: string): (context: SabotageContext) => Promise<void> {
  return withLog(async (client) => {
    const { rows } = await client.query<{ event_id: string }>(VICTIM_SQL, [number]);
    if (rows[0] === undefined) throw new Error('The run stored too few events for its sabotage');
    await client.query(sql, [rows[0].event_id]);
  });
}

/** Works on the log as its owner, past the triggers that keep it append-only, once the outbox is empty. */
function withLog(work: (client: Client) => Promise<void>): (context: SabotageContext) => Promise<void> {
  return async ({ stage }) => {
    await stage.postgres.asOwner(async (client) => {
      const isDrained = async (): Promise<boolean> =>
        (await client.query('SELECT FROM analytics_outbox LIMIT 1')).rowCount === 0;
      await waitFor(isDrained, DRAINS_WITHIN_MS, { what: 'the outbox drains', intervalMs: 100 });
      await client.query('SET session_replication_role = replica');
      await work(client);
    });
  };
}

function trigger(table: string, events: string, body: string): (context: SabotageContext) => Promise<void> {
  return async ({ stage }) => {
    await stage.postgres.asOwner(async (client) => {
      await client.query(`
        CREATE FUNCTION sabotage_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
        CREATE TRIGGER sabotage BEFORE ${events} ON ${table}
          FOR EACH ROW EXECUTE FUNCTION sabotage_${table}();`);
    });
  };
}

/** Holds lanes of the outbox as a relay does that never comes back. */
function stuckLane(): SeededFault {
  let holder: Client | undefined;
  return {
    commits: 'leaves lanes of its outbox to a relay that is stuck',
    checks: ['outbox moves again within 10 s'],
    begin: async ({ stage }) => {
      holder = await stage.postgres.connectAsOwner();
      await holder.query('BEGIN');
      await holder.query('SELECT FROM analytics_outbox_lanes WHERE lane < 4 FOR UPDATE');
    },
    afterLoad: async () => {
      await holder?.end();
    },
  };
}
