import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { AnswerDeadline } from './answer-deadline.js';
import { countChunks, type ChunkCounts, type RequestStatements } from './chunk-counts.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import { Lanes } from './lanes.js';
import { PartCache } from './part-cache.js';
import type { SpanLimits } from './span-limits.js';
import { readBuildsOfSpan } from './span-pieces.js';
import type { FigureStatements } from './span-statements.js';

const LAST_CHUNK = 2 ** 31 - 1;
const NUMBER_BYTES = 8;
const ROW_BYTES = 150;

/** A figure whose numbers are sums over the identities, so that parts of them can be counted apart. */
export interface SummedFigure<Row> {
  readonly statements: FigureStatements;
  readonly parameters: readonly string[];
  readonly numbers: readonly (keyof Row & string)[];
  /** Rows of bits that are read for each chunk of the identities, weighted by their cost. */
  readonly rowsAChunk: number;
  /** The figure does not depend on later days. */
  readonly lastDay: DateKey;
  /** Version of the builds and unions from which the parameters were made; read for a figure without one. */
  readonly version?: string;
}

interface CountedPart<Row> {
  readonly numbers: Float64Array;
  /** Null but in the first part: all parts have the same rows but for their numbers. */
  readonly rows: readonly Row[] | null;
}

interface Part {
  readonly name: string;
  /** The bucket, its first chunk and its last one. */
  readonly parameters: readonly string[];
  readonly isFirst: boolean;
}

interface Asked {
  /** Null for a figure whose parts are not kept. */
  readonly key: string | null;
  readonly deadline: AnswerDeadline;
}

/**
 * Counts a figure by one statement, or else in parts of the identities, each well below the time limit of a statement.
 * The parts of an expensive figure are kept for the next request: docs/adr/0037.
 */
export class FigureParts {
  private readonly requests: Lanes;
  private readonly lanes: Lanes;

  constructor(
    private readonly prisma: RequestStatements,
    private readonly cache: PartCache,
    private readonly limits: SpanLimits,
  ) {
    this.requests = new Lanes(limits.requests, 0);
    // Each admitted request has a few parts in the queue, which so bound its length.
    this.lanes = new Lanes(limits.lanes, Infinity);
  }

  /** @throws ApplicationException `answer_too_slow` and `overloaded`, beside the errors of a statement */
  async count<Row extends Record<string, unknown>>(figure: SummedFigure<Row>): Promise<Row[]> {
    const deadline = new AnswerDeadline();
    const {
      statements: { whole: WHOLE_SQL, part: PART_SQL },
      parameters,
      rowsAChunk,
    } = figure;
    const counts = await countChunks(this.prisma);
    const rows = rowsAChunk * counts.chunks;
    if (rows <= this.limits.wholeRows) return this.prisma.statementForRequest<Row>(WHOLE_SQL, ...parameters);
    const parts = listParts(counts, Math.max(1, Math.floor(this.limits.partRows / rowsAChunk)));
    if (rows < this.limits.keptRows) return this.countParts(figure, parts, { key: null, deadline });
    const version = figure.version ?? (await this.readVersion(figure.lastDay));
    const key = PartCache.keyOf(PART_SQL, ...parameters, version);
    return this.cache.inTurn(key, () => this.countParts(figure, parts, { key, deadline }));
  }

  private async readVersion(lastDay: DateKey): Promise<string> {
    return (await readBuildsOfSpan(this.prisma, { first: lastDay, last: lastDay })).version;
  }

  private async countParts<Row extends Record<string, unknown>>(
    figure: SummedFigure<Row>,
    parts: readonly Part[],
    { key, deadline }: Asked,
  ): Promise<Row[]> {
    const counted = new Map<Part, CountedPart<Row>>();
    for (const part of key === null ? [] : parts) {
      const kept = this.cache.find<CountedPart<Row>>(`${key} ${part.name}`);
      if (kept !== undefined) counted.set(part, kept);
    }
    const missing = parts.filter((part) => !counted.has(part));
    let next = 0;
    const work = async (): Promise<void> => {
      for (let part = missing[next++]; part !== undefined; part = missing[next++]) {
        try {
          counted.set(part, await this.countPart(figure, part, { key, deadline }));
        } catch (error) {
          next = missing.length;
          throw error;
        }
      }
    };
    if (missing.length > 0) {
      await this.requests.run(deadline, async () => {
        const workers = Array.from({ length: this.limits.lanes }, work);
        // After a failure, too, the request has its place until its last part has ended.
        await Promise.all(workers).finally(() => Promise.allSettled(workers));
      });
    }
    return addUp(
      parts.map((part) => counted.get(part) as CountedPart<Row>),
      figure.numbers,
    );
  }

  private async countPart<Row extends Record<string, unknown>>(
    figure: SummedFigure<Row>,
    { name, parameters, isFirst }: Part,
    { key, deadline }: Asked,
  ): Promise<CountedPart<Row>> {
    const PART_SQL = figure.statements.part;
    const rows = await this.lanes.run(deadline, () =>
      this.prisma.statementForRequest<Row>(PART_SQL, ...figure.parameters, ...parameters),
    );
    const numbers = new Float64Array(rows.length * figure.numbers.length);
    let filled = 0;
    for (const row of rows) for (const number of figure.numbers) numbers[filled++] = Number(row[number]);
    const bytes = NUMBER_BYTES * numbers.length + (isFirst ? ROW_BYTES * rows.length : 0);
    const part = { numbers, rows: isFirst ? rows : null };
    if (key !== null) this.cache.put(`${key} ${name}`, part, bytes);
    return part;
  }
}

/** Divides the identities by bucket and, where a bucket is too large, by ranges of chunks. */
function listParts({ bucketChunks }: ChunkCounts, chunksAPart: number): Part[] {
  const ranges = Math.ceil(bucketChunks / chunksAPart);
  return IDENTITY_BUCKETS.flatMap((bucket, index) =>
    Array.from({ length: ranges }, (_, n): Part => {
      const [first, end] = [n, n + 1].map((each) => Math.floor((each * bucketChunks) / ranges)) as [
        number,
        number,
      ];
      // A build may add identities meanwhile.
      const parameters = [bucket, first, n + 1 === ranges ? LAST_CHUNK : end - 1].map(String);
      return { name: parameters.join(), parameters, isFirst: index + n === 0 };
    }),
  );
}

function addUp<Row extends Record<string, unknown>>(
  parts: readonly CountedPart<Row>[],
  names: readonly (keyof Row & string)[],
): Row[] {
  const rows = parts[0]?.rows ?? [];
  return rows.map((row, index) => {
    const sums = names.map((name, n) => [
      name,
      parts.reduce((sum, { numbers }) => sum + (numbers[index * names.length + n] as number), 0),
    ]);
    return { ...row, ...Object.fromEntries(sums) } as Row;
  });
}
