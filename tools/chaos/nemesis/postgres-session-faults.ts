import type { Client } from 'pg';
import type { PostgresStore } from '../stage/postgres-store.js';
import { repeat, type FaultAction, type Heal } from './fault-action.js';

const AGAIN_AFTER_MS = 100;

/** Faults that an administrator's statement causes. */
export const POSTGRES_SESSION_FAULTS = {
  'postgres.terminate': again('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1'),
  'postgres.cancel': again('SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = $1'),
  'postgres.read-only': async ({ stage: { postgres } }) => {
    await setReadOnly(postgres, 'on');
    return () => setReadOnly(postgres, 'off');
  },
  'postgres.lock-log': ({ stage: { postgres } }) =>
    lock(postgres, 'LOCK TABLE analytics_event_log IN ACCESS EXCLUSIVE MODE'),
  'postgres.lock-outbox': ({ stage: { postgres } }) =>
    lock(postgres, 'LOCK TABLE analytics_outbox, analytics_outbox_lanes IN ACCESS EXCLUSIVE MODE'),
  'postgres.exhausted': async ({ stage: { postgres } }) => {
    await limitConnections(postgres, 0);
    return () => limitConnections(postgres, -1);
  },
} as const satisfies Record<string, FaultAction>;

function again(sql: string): FaultAction {
  return async ({ stage: { postgres } }) => {
    const client = await postgres.connectAsOwner();
    const stop = repeat(AGAIN_AFTER_MS, () => client.query(sql, [postgres.serviceRole]));
    return async () => {
      await stop();
      await client.end();
    };
  };
}

async function setReadOnly(postgres: PostgresStore, value: 'on' | 'off'): Promise<void> {
  await postgres.asOwner(async (client) => {
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await client.query('SELECT pg_reload_conf()');
  });
}

/** Holds a lock until it is healed. The connection ends with an error when another fault ends it first. */
async function lock(postgres: PostgresStore, sql: string): Promise<Heal> {
  const client: Client = await postgres.connectAsOwner();
  try {
    await client.query('BEGIN');
    await client.query(sql);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return () => client.end().catch(() => undefined);
}

async function limitConnections(postgres: PostgresStore, limit: number): Promise<void> {
  await postgres.asOwner(async (client) => {
    await client.query(`ALTER ROLE ${postgres.serviceRole} CONNECTION LIMIT ${String(limit)}`);
    if (limit !== 0) return;
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      postgres.serviceRole,
    ]);
  });
}
