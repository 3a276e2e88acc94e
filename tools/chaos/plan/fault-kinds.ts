import type { Store } from './stores.js';

/** The part of the stage that a fault hits; two faults of one round never hit the same part. */
export type Target = 'replica' | 'clock' | 'postgres' | 'pooler' | 'redis' | 'kafka' | Link;
/** The connections of one replica to one store, which pass a proxy. */
export type Link = 'postgres-link' | 'redis-link' | 'kafka-link';

export interface KindRules {
  readonly target: Target;
  /** The bounds of its duration in seconds; 0 is a fault that ends at once. */
  readonly seconds: readonly [low: number, high: number];
  /** The variant of the stores that it needs. */
  readonly needs?: Store;
  /** The variant of the stores that does not have it. */
  readonly not?: Store;
  readonly what: string;
}

/** Every kind of fault, in the order of `--help`. */
export const FAULT_KINDS = {
  'replica.kill': { target: 'replica', seconds: [1, 5], what: 'kill -9, started again' },
  'replica.stop': { target: 'replica', seconds: [1, 5], what: 'SIGTERM, started again' },
  'replica.freeze': { target: 'replica', seconds: [3, 10], what: 'SIGSTOP' },
  'replica.upgrade': {
    target: 'replica',
    seconds: [1, 5],
    needs: 'release',
    what: 'SIGTERM, started as the other release',
  },
  'clock.ahead': { target: 'clock', seconds: [5, 15], what: 'the clock of a replica jumps an hour ahead' },
  'clock.behind': { target: 'clock', seconds: [5, 15], what: 'the clock of a replica jumps an hour back' },
  'postgres.crash': { target: 'postgres', seconds: [1, 5], what: 'kill -9 of the postmaster' },
  'postgres.immediate': { target: 'postgres', seconds: [1, 5], what: 'immediate shutdown' },
  'postgres.restart': { target: 'postgres', seconds: [1, 5], what: 'fast shutdown' },
  'postgres.smart': {
    target: 'postgres',
    seconds: [3, 10],
    what: 'SIGTERM: nobody new gets in, then a fast shutdown',
  },
  'postgres.freeze': { target: 'postgres', seconds: [3, 10], what: 'SIGSTOP of every process' },
  'postgres.freeze-postmaster': { target: 'postgres', seconds: [3, 10], what: 'nobody new gets in' },
  'postgres.freeze-backends': { target: 'postgres', seconds: [3, 10], what: 'SIGSTOP of the backends' },
  'postgres.kill-backend': { target: 'postgres', seconds: [0, 0], what: 'kill -9 of one backend' },
  'postgres.terminate': {
    target: 'postgres',
    seconds: [3, 8],
    what: 'pg_terminate_backend, again and again',
  },
  'postgres.cancel': { target: 'postgres', seconds: [3, 8], what: 'pg_cancel_backend, again and again' },
  'postgres.read-only': { target: 'postgres', seconds: [4, 10], what: 'every transaction is read-only' },
  'postgres.lock-log': { target: 'postgres', seconds: [3, 10], what: 'ACCESS EXCLUSIVE on the log' },
  'postgres.lock-outbox': { target: 'postgres', seconds: [3, 10], what: 'ACCESS EXCLUSIVE on the outbox' },
  'postgres.exhausted': { target: 'postgres', seconds: [4, 10], what: 'no connection is left' },
  'postgres.disk-full': {
    target: 'postgres',
    seconds: [4, 10],
    needs: 'disk',
    what: 'no page is left on the disk',
  },
  'postgres.promote': {
    target: 'postgres',
    seconds: [1, 6],
    needs: 'standby',
    what: 'kill -9, the standby is promoted and later replaced',
  },
  'postgres.promote-silent': {
    target: 'postgres',
    seconds: [1, 6],
    needs: 'standby',
    what: 'the same with a primary that falls silent',
  },
  'postgres.promote-behind': {
    target: 'postgres',
    seconds: [3, 8],
    needs: 'standby',
    what: 'commits that wait are cancelled, then the standby is promoted',
  },
  'standby.crash': {
    target: 'postgres',
    seconds: [2, 8],
    needs: 'standby',
    what: 'kill -9 of the standby: commits wait',
  },
  'standby.freeze': {
    target: 'postgres',
    seconds: [3, 10],
    needs: 'standby',
    what: 'SIGSTOP of the standby: commits wait',
  },
  'pooler.crash': { target: 'pooler', seconds: [1, 5], needs: 'pgbouncer', what: 'kill -9 of PgBouncer' },
  'pooler.restart': { target: 'pooler', seconds: [1, 5], needs: 'pgbouncer', what: 'SIGTERM of PgBouncer' },
  'pooler.freeze': { target: 'pooler', seconds: [3, 10], needs: 'pgbouncer', what: 'SIGSTOP of PgBouncer' },
  'redis.crash': { target: 'redis', seconds: [1, 5], what: 'kill -9 of a master, started again empty' },
  'redis.stop': { target: 'redis', seconds: [1, 5], what: 'SIGTERM of a master, started again empty' },
  'redis.freeze': { target: 'redis', seconds: [3, 10], what: 'SIGSTOP of a master' },
  'redis.empty': { target: 'redis', seconds: [0, 0], what: 'FLUSHALL' },
  'redis.full': { target: 'redis', seconds: [4, 10], what: 'every write answers OOM' },
  'redis.read-only': {
    target: 'redis',
    seconds: [4, 10],
    not: 'cluster',
    what: 'every write answers READONLY',
  },
  'redis.pause': { target: 'redis', seconds: [3, 8], what: 'CLIENT PAUSE' },
  'redis.drop-clients': { target: 'redis', seconds: [3, 8], what: 'CLIENT KILL, again and again' },
  'redis.reshard': {
    target: 'redis',
    seconds: [3, 8],
    needs: 'cluster',
    what: 'slots move to another master',
  },
  'redis.failover': {
    target: 'redis',
    seconds: [0, 0],
    needs: 'cluster',
    what: 'a replica and its master change places',
  },
  'kafka.freeze': { target: 'kafka', seconds: [4, 12], what: 'SIGSTOP of the brokers' },
  'kafka.crash': { target: 'kafka', seconds: [2, 8], needs: 'kafka', what: 'kill -9 of a leader' },
  'kafka.crash-all': { target: 'kafka', seconds: [2, 6], needs: 'kafka', what: 'kill -9 of all brokers' },
  'kafka.stop': {
    target: 'kafka',
    seconds: [3, 8],
    needs: 'kafka',
    what: 'SIGTERM of a leader, which hands over first',
  },
  'kafka.freeze-leader': { target: 'kafka', seconds: [4, 12], needs: 'kafka', what: 'SIGSTOP of a leader' },
  'kafka.move-leaders': {
    target: 'kafka',
    seconds: [0, 0],
    needs: 'kafka',
    what: 'other brokers lead the topic',
  },
  'kafka.no-rights': {
    target: 'kafka',
    seconds: [4, 12],
    needs: 'kafka',
    what: 'nobody may write the topic',
  },
  'postgres-link.cut': { target: 'postgres-link', seconds: [3, 10], what: 'connections are reset' },
  'postgres-link.silent': { target: 'postgres-link', seconds: [0, 0], what: 'open connections fall silent' },
  'postgres-link.black-hole': { target: 'postgres-link', seconds: [4, 12], what: 'no byte arrives' },
  'postgres-link.slow': { target: 'postgres-link', seconds: [5, 12], what: 'every packet is late' },
  'postgres-link.coalesce': { target: 'postgres-link', seconds: [5, 12], what: 'packets arrive together' },
  'postgres-link.split': { target: 'postgres-link', seconds: [5, 12], what: 'packets arrive in pieces' },
  'redis-link.cut': { target: 'redis-link', seconds: [3, 10], what: 'connections are reset' },
  'redis-link.silent': { target: 'redis-link', seconds: [0, 0], what: 'open connections fall silent' },
  'redis-link.black-hole': { target: 'redis-link', seconds: [4, 12], what: 'no byte arrives' },
  'redis-link.slow': { target: 'redis-link', seconds: [5, 12], what: 'every packet is late' },
  'redis-link.coalesce': { target: 'redis-link', seconds: [5, 12], what: 'packets arrive together' },
  'redis-link.split': { target: 'redis-link', seconds: [5, 12], what: 'packets arrive in pieces' },
  'kafka-link.cut': { target: 'kafka-link', seconds: [3, 10], what: 'connections are reset' },
  'kafka-link.silent': { target: 'kafka-link', seconds: [0, 0], what: 'open connections fall silent' },
  'kafka-link.black-hole': { target: 'kafka-link', seconds: [4, 12], what: 'no byte arrives' },
  'kafka-link.slow': { target: 'kafka-link', seconds: [5, 12], what: 'every packet is late' },
  'kafka-link.coalesce': { target: 'kafka-link', seconds: [5, 12], what: 'packets arrive together' },
  'kafka-link.split': { target: 'kafka-link', seconds: [5, 12], what: 'packets arrive in pieces' },
} as const satisfies Record<string, KindRules>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const ALL_KINDS = Object.keys(FAULT_KINDS) as FaultKind[];

/** Returns the rules of a kind under their general type. */
export function rulesOf(kind: FaultKind): KindRules {
  return FAULT_KINDS[kind];
}

/** Returns the kinds that these variants of the stores can have. */
export function kindsOn(stores: readonly Store[], kinds: readonly FaultKind[] = ALL_KINDS): FaultKind[] {
  return kinds.filter((kind) => {
    const { needs, not } = rulesOf(kind);
    return (needs === undefined || stores.includes(needs)) && (not === undefined || !stores.includes(not));
  });
}

/** Returns true for a fault that hits one replica or its link; the others hit a store that all replicas share. */
export function hitsOneReplica(kind: FaultKind, stores: readonly Store[] = []): boolean {
  const { target } = rulesOf(kind);
  // The nodes of a cluster announce one address to all clients, so replicas share the links.
  if (target === 'redis-link' && stores.includes('cluster')) return false;
  return !['postgres', 'pooler', 'redis', 'kafka'].includes(target);
}
