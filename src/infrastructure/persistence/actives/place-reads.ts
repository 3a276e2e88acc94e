import { setImmediate } from 'node:timers/promises';
import type { DaySpan } from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { addDaysToKey, countDays } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import type { AnswerDeadline } from './answer-deadline.js';
import type { RequestStatements } from './bits-version.js';
import type { PlaceLimits } from './span-limits.js';
import { READ_NEW_BITS_SQL, READ_PLACE_IDS_SQL } from './span-statements.js';

/** Time for which decoding holds the event loop: heartbeats wait for it. */
const MAX_HOLD_MS = 5;
const MAX_GROWTH = 2;

export interface PlaceIdsRow {
  /** Days after the first day of the span. */
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

/** Some days of one bucket, in order. */
export interface PlaceRead {
  readonly bucket: number;
  /** Indexes of its days. */
  readonly days: readonly [first: number, last: number];
  readonly rows: readonly PlaceIdsRow[];
  readonly newcomers: readonly NewBitsRow[];
}

export interface PlaceQuery {
  readonly span: DaySpan;
  /** An empty name stands for every place. */
  readonly place: Pick<PlaceFilter, 'level' | 'place'>;
  readonly withNew: boolean;
}

/** Reads lists of ids bucket by bucket, some days at a time: memory holds the days at work and those read ahead. */
export class PlaceReads {
  private readonly days: number;
  /** Days of a read while nothing is known of its lists. */
  private readonly firstStep: number;
  /** Days of the next read. */
  private step: number;
  /** Characters of the bucket at work that have been read. */
  private readSoFar = 0;
  private maxCharsADay = 0;
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
    this.days = countDays(query.span.first, query.span.last);
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
      const isLastOfBucket = read.days[1] === this.days - 1;
      if (isLastOfBucket) index++;
      const bucket = buckets[index];
      next = bucket === undefined ? null : this.read(bucket, isLastOfBucket ? 0 : read.days[1] + 1);
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
    const { span, place, withNew } = this.query;
    const last = Math.min(first + this.step, this.days) - 1;
    const days = [first, last].map((day) => addDaysToKey(span.first, day)) as [string, string];
    const [rows, newcomers] = await Promise.all([
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
    return { bucket, days: [first, last], rows, newcomers };
  }

  private fitStep({ days: [first, last], rows, newcomers }: PlaceRead): void {
    const { readChars, bucketChars } = this.options.limits;
    let chars = 0;
    for (const { ids } of rows) chars += ids.length;
    for (const { bits } of newcomers) chars += bits.length;
    const read = last - first + 1;
    const charsADay = chars / read;
    this.readSoFar = chars + (first === 0 ? 0 : this.readSoFar);
    // The rest is expected to be as dense as the latest days: actives of a year grow.
    const rest = this.days - 1 - last;
    if (rest > 0 && this.readSoFar + charsADay * rest > bucketChars) {
      const left = bucketChars - this.readSoFar;
      const share = left < 0 ? bucketChars / this.readSoFar : 1;
      throw tooLong(this.days, share * (last + 1) + (left > 0 ? left / charsADay : 0));
    }
    this.maxCharsADay = Math.max(this.maxCharsADay, charsADay);
    // Days without anybody say nothing of those after a launch, but another bucket does: all are alike.
    this.hasSeenBucket ||= rest === 0;
    const known = chars > 0 || this.hasSeenBucket ? Infinity : this.firstStep;
    const growth = MAX_GROWTH * this.step;
    this.step = Math.max(1, Math.min(growth, this.days, known, Math.floor(readChars / this.maxCharsADay)));
  }
}

function tooLong(days: number, possible: number): ApplicationException {
  return new ApplicationException('date_range_invalid', {
    detail:
      `With so many users, figures of places read at most ${Math.max(1, Math.floor(possible))} days, ` +
      `the range and its window have ${days}: ask for fewer days at a time`,
    field: 'endDate',
  });
}
