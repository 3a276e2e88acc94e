import { BUCKETS } from '../../src/infrastructure/persistence/citus/buckets.js';
import type { Sql } from '../../test/support/sql.js';

interface Placement {
  readonly bucket: number;
  readonly shard: string;
  readonly host: string;
  readonly port: number;
}

/** Returns on which worker each bucket is. */
export async function readPlacements(owner: Sql): Promise<Placement[]> {
  const rows = await owner.rows<{ shard: string; host: string; port: number; bucket: number }>(
    `SELECT b.bucket, s.shardid::text AS shard, s.nodename AS host, s.nodeport::int AS port
     FROM unnest($1::smallint[]) AS b (bucket)
     JOIN citus_shards s ON s.table_name = 'analytics_buckets'::regclass
       AND s.shardid = get_shard_id_for_distribution_column('analytics_buckets', b.bucket)`,
    [BUCKETS],
  );
  return rows;
}

export const nodeOf = ({ host, port }: Placement): string => `${host}:${port}`;

/** Moves the shard of a bucket, and all shards beside it, to another worker; events go on meanwhile. */
export async function moveBucket(
  owner: Sql,
  bucket: number,
): Promise<{ from: string; to: string; ms: number }> {
  const placements = await readPlacements(owner);
  const from = placements.find((each) => each.bucket === bucket) as Placement;
  const to = placements.find((each) => nodeOf(each) !== nodeOf(from));
  if (to === undefined) throw new Error('The cluster has one worker only: there is nowhere to move a shard.');
  const start = performance.now();
  await owner.rows(
    `SELECT citus_move_shard_placement($1::bigint, $2, $3::int, $4, $5::int, 'force_logical')`,
    [from.shard, from.host, from.port, to.host, to.port],
  );
  return { from: nodeOf(from), to: nodeOf(to), ms: performance.now() - start };
}
