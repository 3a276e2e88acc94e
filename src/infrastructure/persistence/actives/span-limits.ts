/** Bounds the work, the memory and the parts of a figure over a span. */
export interface SpanLimits {
  /** Rows of bits, 2 KB each, up to which one statement counts a figure: a month of ten million identities. */
  readonly wholeRows: number;
  /** Rows of a part: about 100 ms on a busy server, far below the time limit of a statement. */
  readonly partRows: number;
  /** Rows from which on parts are kept; less than that is counted each time. */
  readonly keptRows: number;
  /** Statements of parts that run at once, of all requests together. */
  readonly lanes: number;
  /** Requests that count parts at once: each is admitted or refused before the first one that it counts. */
  readonly requests: number;
  readonly keptBytes: number;
  readonly places: PlaceLimits;
}

export interface PlaceLimits {
  /** Identities times days up to which the first read goes; later reads follow the bytes that arrived. */
  readonly firstIds: number;
  /** Characters of a read: memory holds two of them. */
  readonly readChars: number;
  /** Characters of one bucket: what a request can read in its time. */
  readonly bucketChars: number;
  /** Bytes of the sets of all places of a bucket. */
  readonly setBytes: number;
  /** Identities times days from which on buckets are kept. */
  readonly keptIds: number;
  /** Requests for places that work at once, and that may wait. */
  readonly lanes: number;
  readonly waiting: number;
}

export const SPAN_LIMITS: SpanLimits = {
  wholeRows: 20_000,
  partRows: 20_000,
  keptRows: 200_000,
  lanes: 3,
  requests: 9,
  keptBytes: 32 * 1024 * 1024,
  places: {
    firstIds: 16_000_000,
    readChars: 6_000_000,
    bucketChars: 128_000_000,
    setBytes: 64 * 1024 * 1024,
    keptIds: 200_000_000,
    lanes: 2,
    waiting: 8,
  },
};

/** Statements of a request for places that run at once. */
const PLACE_STATEMENTS = 2;

/** Leaves connections of a small pool to events, too. */
export function limitsForPool(poolSize: number): SpanLimits {
  const { lanes, places } = SPAN_LIMITS;
  const atMost = (count: number, share: number): number =>
    Math.max(1, Math.min(count, Math.floor(poolSize / share)));
  return {
    ...SPAN_LIMITS,
    lanes: atMost(lanes, 3),
    places: { ...places, lanes: atMost(places.lanes, 2 * PLACE_STATEMENTS) },
  };
}
