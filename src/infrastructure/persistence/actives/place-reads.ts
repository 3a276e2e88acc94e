import { setImmediate } from 'node:timers/promises';
import type { DaySpan } from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import type { AnswerDeadline } from './answer-deadline.js';
import type { RequestStatements } from './chunk-counts.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import type { PlaceLimits } from './span-limits.js';
import { daysOf, type SpanPiece } from './span-pieces.js';
import { READ_NEW_BITS_SQL, READ_PIECE_IDS_SQL, READ_PLACE_IDS_SQL } from './span-statements.js';

/** Time for which decoding holds the event loop: heartbeats wait for it. */
const MAX_HOLD_MS = 5;
const MAX_GROWTH = 2;

export interface PlaceIdsRow {
  /** Days after the first day of the span; nothing where weeks are read. */
  readonly dayIndex: number;
  readonly place: string;
  /** Base64. */
  readonly ids: string;
}

export interface NewBitsRow {
  readonly dayIndex: number;
  readonly chunk: number;
  readonly bits: Buffer;
}

/** Some pieces of one bucket, in order. */
export interface PlaceRead {
  readonly bucket: number;
  /** Indexes of its pieces; of its days where no weeks are read. */
  readonly pieces: readonly [first: number, last: number];
  readonly rows: readonly PlaceIdsRow[];
  readonly newcomers: readonly NewBitsRow[];
}

export interface PlaceQuery {
  readonly span: DaySpan;
  /** The days and weeks that the span consists of. */
  readonly pieces: readonly SpanPiece[];
  /** An empty name stands for every place. */
  readonly place: Pick<PlaceFilter, 'level' | 'place'>;
  readonly withNew: boolean;
}

/** Reads lists of ids bucket by bucket, some pieces at a time: memory holds those at work and those read ahead. */
export class PlaceReads {
  private readonly count: number;
  private readonly hasWeeks: boolean;
  /** Pieces of a read while nothing is known of its lists. */
  private readonly firstStep: number;
  /** Pieces of the next read. */
  private step: number;
  /** Characters of the bucket at work that have been read. */
  private readSoFar = 0;
  private maxCharsAPiece = 0;
  private hasSeenBucket = false;
  private heldSinceMs = performance.now();

  constructor(
    private readonly prisma: RequestStatements,
    private readonly query: PlaceQuery,
    private readonly options: {
      readonly identitiesABucket: number;
      readonly deadline: AnswerDeadline;
      readonly limits: PlaceLimits;
    },
  ) {
    this.count = query.pieces.length;
    this.hasWeeks = query.pieces.some(({ isWeek }) => isWeek);
    this.firstStep = Math.max(
      1,
      Math.floor(options.limits.firstIds / Math.max(1, options.identitiesABucket)),
    );
    this.step = this.firstStep;
  }

  /** @throws ApplicationException `date_range_invalid` when a bucket holds more than a request can read in time */
  async *of(buckets: readonly number[]): AsyncGenerator<PlaceRead> {
    let next = buckets[0] === undefined ? null : this.read(buckets[0], 0);
    for (let index = 0; next !== null;) {
      const read = await next;
      this.options.deadline.assertWanted();
      this.fitStep(read);
      const isLastOfBucket = read.pieces[1] === this.count - 1;
      if (isLastOfBucket) index++;
      const bucket = buckets[index];
      next = bucket === undefined ? null : this.read(bucket, isLastOfBucket ? 0 : read.pieces[1] + 1);
      // A failure is reported when it is awaited; until then it must not count as unhandled.
      next?.catch(() => undefined);
      this.heldSinceMs = performance.now();
      yield read;
    }
  }

  /** Lets the event loop serve others once decoding has held it for a while. Call it after each list. */
  async rest(): Promise<void> {
    if (performance.now() - this.heldSinceMs < MAX_HOLD_MS) return;
    await setImmediate();
    this.options.deadline.assertWanted();
    this.heldSinceMs = performance.now();
  }

  private async read(bucket: number, first: number): Promise<PlaceRead> {
    const last = Math.min(first + this.step, this.count) - 1;
    const pieces = this.query.pieces.slice(first, last + 1);
    const [rows, newcomers] = this.hasWeeks
      ? [await this.readPieces(bucket, pieces), []]
      : await this.readDays(bucket, [pieces[0]?.day ?? '', pieces.at(-1)?.day ?? '']);
    return { bucket, pieces: [first, last], rows, newcomers };
  }

  private async readPieces(bucket: number, pieces: readonly SpanPiece[]): Promise<PlaceIdsRow[]> {
    return this.prisma.statementForRequest<PlaceIdsRow>(
      READ_PIECE_IDS_SQL,
      toArrayLiteral(pieces.map(({ day }) => day)),
      toArrayLiteral(pieces.map(({ isWeek }) => String(isWeek))),
      String(ACTIVE_LEVEL[this.query.place.level]),
      String(bucket),
    );
  }

  private readDays(
    bucket: number,
    days: readonly [first: string, last: string],
  ): Promise<[PlaceIdsRow[], NewBitsRow[]]> {
    const { span, place, withNew } = this.query;
    return Promise.all([
      this.prisma.statementForRequest<PlaceIdsRow>(
        READ_PLACE_IDS_SQL,
        ...days,
        String(ACTIVE_LEVEL[place.level]),
        String(bucket),
        place.place,
        span.first,
      ),
      withNew
        ? this.prisma.statementForRequest<NewBitsRow>(READ_NEW_BITS_SQL, ...days, String(bucket), span.first)
        : [],
    ]);
  }

  private fitStep({ pieces: [first, last], rows, newcomers }: PlaceRead): void {
    const { readChars, bucketChars } = this.options.limits;
    let chars = 0;
    for (const { ids } of rows) chars += ids.length;
    for (const { bits } of newcomers) chars += bits.length;
    const read = last - first + 1;
    const charsAPiece = chars / read;
    this.readSoFar = chars + (first === 0 ? 0 : this.readSoFar);
    // The rest is expected to be as dense as the latest pieces: actives of a year grow.
    const rest = this.count - 1 - last;
    if (rest > 0 && this.readSoFar + charsAPiece * rest > bucketChars) {
      const left = bucketChars - this.readSoFar;
      const share = left < 0 ? bucketChars / this.readSoFar : 1;
      throw this.tooLong(share * (last + 1) + (left > 0 ? left / charsAPiece : 0));
    }
    this.maxCharsAPiece = Math.max(this.maxCharsAPiece, charsAPiece);
    // Days without anybody say nothing of those after a launch, but another bucket does: all are alike.
    this.hasSeenBucket ||= rest === 0;
    const known = chars > 0 || this.hasSeenBucket ? Infinity : this.firstStep;
    const growth = MAX_GROWTH * this.step;
    this.step = Math.max(1, Math.min(growth, this.count, known, Math.floor(readChars / this.maxCharsAPiece)));
  }

  /** @param possible number of pieces that fit */
  private tooLong(possible: number): ApplicationException {
    const { pieces } = this.query;
    const days = Math.max(1, daysOf(pieces.slice(0, Math.max(1, Math.floor(possible)))));
    return new ApplicationException('date_range_invalid', {
      detail:
        `With so many users, figures of places read at most ${days} days, ` +
        `the range and its window have ${daysOf(pieces)}: ask for fewer days at a time`,
      field: 'endDate',
    });
  }
}
