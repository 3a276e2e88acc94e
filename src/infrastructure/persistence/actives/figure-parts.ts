import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { AnswerDeadline } from './answer-deadline.js';
import { countChunks, readVersion, type ChunkCounts, type RequestStatements } from './bits-version.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import { Lanes } from './lanes.js';
import { PartCache } from './part-cache.js';
import type { SpanLimits } from './span-limits.js';

const LAST_CHUNK = 2 ** 31 - 1;
const NUMBER_BYTES = 8;
const ROW_BYTES = 150;

/** A figure whose numbers are sums over the identities, so that parts of them can be counted apart. */
export interface SummedFigure<Row> {
  /** Counts all identities. */
  readonly sql: string;
  /** Counts those of one bucket whose chunk lies between two, with three parameters more; rows as those of `sql`. */
  readonly partSql: string;
  readonly parameters: readonly string[];
  readonly numbers: readonly (keyof Row & string)[];
  /** Rows of bits that are read for each chunk of the identities, weighted by their cost. */
  readonly rowsAChunk: number;
  /** The figure does not depend on later days. */
  readonly lastDay: DateKey;
}

interface CountedPart<Row> {
  readonly numbers: Float64Array;
  /** Null but in the first part: all parts have the same rows but for their numbers. */
  readonly rows: readonly Row[] | null;
}

interface Part {
  readonly bucket: number;
  readonly chunks: readonly [number, number];
}

/**
 * Counts a figure by one statement, or else in parts of the identities, each well below the time limit of a statement.
 * The parts of an expensive figure are kept for the next request: docs/adr/0037.
 */
export class FigureParts {
  private readonly lanes: Lanes;

  constructor(
    private readonly prisma: RequestStatements,
    private readonly cache: PartCache,
    private readonly limits: SpanLimits,
  ) {
    this.lanes = new Lanes(limits.lanes, limits.waitingParts);
  }

  /** @throws ApplicationException `answer_too_slow` and `overloaded`, beside the errors of a statement */
  async count<Row extends Record<string, unknown>>(figure: SummedFigure<Row>): Promise<Row[]> {
    const deadline = new AnswerDeadline();
    const { sql: WHOLE_SQL, partSql, parameters, rowsAChunk } = figure;
    const counts = await countChunks(this.prisma);
    const rows = rowsAChunk * counts.chunks;
    if (rows <= this.limits.wholeRows) return this.prisma.statementForRequest<Row>(WHOLE_SQL, ...parameters);
    const key =
      rows < this.limits.keptRows
        ? null
        : PartCache.keyOf(partSql, ...parameters, await readVersion(this.prisma, figure.lastDay));
    const parts = listParts(counts, Math.max(1, Math.floor(this.limits.partRows / rowsAChunk)));
    const counted: CountedPart<Row>[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < parts.length; index = next++) {
        const asked = { key, deadline, isFirst: index === 0 };
        counted[index] = await this.countPart(figure, parts[index] as Part, asked).catch((error: unknown) => {
          next = parts.length;
          throw error;
        });
      }
    };
    await Promise.all(Array.from({ length: this.limits.lanes }, work));
    return addUp(counted, figure.numbers);
  }

  private countPart<Row extends Record<string, unknown>>(
    figure: SummedFigure<Row>,
    { bucket, chunks }: Part,
    {
      key,
      deadline,
      isFirst,
    }: { readonly key: string | null; readonly deadline: AnswerDeadline; readonly isFirst: boolean },
  ): Promise<CountedPart<Row>> {
    const ask = (): Promise<CountedPart<Row>> =>
      this.lanes.run(deadline, async () => {
        const { partSql: PART_SQL } = figure;
        const place = [bucket, ...chunks].map(String);
        const rows = await this.prisma.statementForRequest<Row>(PART_SQL, ...figure.parameters, ...place);
        const numbers = new Float64Array(rows.length * figure.numbers.length);
        let filled = 0;
        for (const row of rows) for (const name of figure.numbers) numbers[filled++] = Number(row[name]);
        return { numbers, rows: isFirst ? rows : null };
      });
    if (key === null) return ask();
    return this.cache.get(
      `${key} ${bucket} ${chunks.join()}`,
      ask,
      ({ numbers, rows }) => NUMBER_BYTES * numbers.length + ROW_BYTES * (rows?.length ?? 0),
    );
  }
}

/** Divides the identities by bucket and, where a bucket is too large, by ranges of chunks. */
function listParts({ bucketChunks }: ChunkCounts, chunksAPart: number): Part[] {
  const ranges = Math.ceil(bucketChunks / chunksAPart);
  return IDENTITY_BUCKETS.flatMap((bucket) =>
    Array.from({ length: ranges }, (_, n): Part => {
      const [first, end] = [n, n + 1].map((each) => Math.floor((each * bucketChunks) / ranges)) as [
        number,
        number,
      ];
      // A build may add identities meanwhile.
      return { bucket, chunks: [first, n + 1 === ranges ? LAST_CHUNK : end - 1] };
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
