import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { toClaimParameters } from '../event-log/event-claims.js';
import {
  toFlushResult,
  type FlushResult,
  type FlushRow,
  type FlushStatement,
  type FlushStore,
} from '../event-log/flush-store.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import { toColumns } from '../mappers/event-log.mapper.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { PrismaService } from '../prisma/prisma.service.js';

const FLUSH_SQL = `
SELECT * FROM analytics_flush($1::smallint, $2::boolean, $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::bigint[],
  $7::text[], $8::text[], $9::jsonb, $10::uuid[], $11::date[], $12::text[], $13::text[], $14::text[], $15::timestamptz[],
  $16::jsonb, $17::date[])
`;

const CLAIM_SQL = `
SELECT * FROM analytics_claim($1::smallint, $2::uuid[], $3::timestamptz[], $4::timestamptz[])
`;

/** SQLSTATE of a flush that met a claim it had not looked for. */
const LATE_CLAIM = '40001';

/** Runs a statement of a flush on the node of the bucket. */
export type RunOnNode = <T>(statement: (node: PrismaService) => Promise<T>) => Promise<T>;

/**
 * Stores the events of one bucket by a function that Citus runs on the node of the bucket.
 * Citus delegates a function that is alone in its statement.
 */
export class BucketFlushStore implements FlushStore {
  constructor(
    private readonly bucket: number,
    private readonly runOnNode: RunOnNode,
  ) {}

  async claim(events: readonly EventLog[]): Promise<void> {
    await this.runOnNode((node) =>
      node.statementForRequest(CLAIM_SQL, String(this.bucket), ...toClaimParameters(events)),
    );
  }

  prepare(events: readonly EventLog[]): FlushStatement {
    const { parameters, sessionDays } = toColumns(events);
    // Looking for claims first costs a statement, and few flushes meet one.
    let isCareful = events.some((event) => event.isTimeCorrected);
    const execute = async (marks: string): Promise<FlushResult> => {
      const flags = [String(this.bucket), String(isCareful)];
      return toFlushResult(
        await this.runOnNode((node) =>
          node.statementForRequest<FlushRow & Record<string, unknown>>(
            FLUSH_SQL,
            ...flags,
            ...parameters,
            marks,
          ),
        ),
      );
    };
    return {
      sessionDays,
      execute: async (daysToMark) => {
        try {
          return await execute(toArrayLiteral(daysToMark));
        } catch (error) {
          const cause: unknown = error instanceof Error ? error.cause : undefined;
          if ((sqlStateOf(error) ?? sqlStateOf(cause)) === LATE_CLAIM) isCareful = true;
          throw error;
        }
      },
    };
  }
}
