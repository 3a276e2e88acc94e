/** Errors of @platformatic/kafka as far as they are read; an error may hold several others. */
interface LibraryError extends Error {
  readonly code?: string;
  readonly errors?: readonly Error[];
  /** Name of an error in Kafka's protocol. */
  readonly apiId?: string;
  readonly hasStaleMetadata?: boolean;
  /** Partitions that were stored although the whole call failed. */
  readonly produced?: { readonly offsets?: readonly { readonly partition: number }[] };
}

const NETWORK = 'PLT_KFK_NETWORK';
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** Error of a failed call whose message names the reason, not the layers of repeats around it. */
export class PublishingError extends Error {
  override readonly name = 'PublishingError';
  /** Names of the errors in Kafka's protocol, in which the broker refused the call. */
  readonly refusals: readonly string[];
  private readonly isNetworkError: boolean;
  readonly isStale: boolean;
  /** True when brokers do not know the topic, which the library reports as a mistake of its user. */
  readonly isUnknownTopic: boolean;

  constructor(override readonly cause: unknown) {
    const errors = [...leavesOf(cause)];
    super([...new Set(errors.map(({ message }) => message))].join('; '));
    this.refusals = errors.flatMap(({ apiId }) => apiId ?? []);
    this.isNetworkError = errors.some(({ code }) => code === NETWORK);
    this.isUnknownTopic = errors.some(({ message }) => message.startsWith('Unknown topic '));
    this.isStale = this.isUnknownTopic || errors.some(({ hasStaleMetadata }) => hasStaleMetadata === true);
  }

  get isTooLarge(): boolean {
    return this.refusals.some((name) => TOO_LARGE.includes(name));
  }

  /** True when no broker has answered with a refusal. */
  get isConnectionError(): boolean {
    return this.isNetworkError && this.refusals.length === 0;
  }

  /** True when a repeat over new connections, or to another leader, may succeed at once. */
  get isTransient(): boolean {
    return this.isConnectionError || this.isStale;
  }
}

/** Returns the partitions that were stored by a call that failed for others. */
export function storedDespite(error: unknown): ReadonlySet<number> {
  const { offsets = [] } = (error as LibraryError).produced ?? {};
  return new Set(offsets.map(({ partition }) => partition));
}

/** Returns the errors without further reasons, and those between that carry a code of the connection. */
function* leavesOf(error: unknown): Generator<LibraryError> {
  if (!(error instanceof Error)) {
    yield new Error(String(error));
    return;
  }
  const known: LibraryError = error;
  if (known.errors !== undefined && known.errors.length > 0) {
    for (const one of known.errors) yield* leavesOf(one);
    return;
  }
  yield known;
  if (error.cause !== undefined) yield* leavesOf(error.cause);
}
