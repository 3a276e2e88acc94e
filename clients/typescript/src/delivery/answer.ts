/** Answer to one request; `status` 0 means that none arrived. */
export interface Answer {
  readonly status: number;
  /** Code of a problem of the service; null when the answer comes from anything else, such as a proxy. */
  readonly code: string | null;
  readonly message: string;
  /** null without a readable `Retry-After`. */
  readonly retryAfterMs: number | null;
  /** Parsed JSON, undefined when the body is none. */
  readonly body: unknown;
}

export interface RejectedEvent {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

export type Verdict =
  /** The service has every event but the rejected ones. */
  | { readonly kind: 'confirmed'; readonly rejected: readonly RejectedEvent[] }
  | { readonly kind: 'unauthenticated' }
  /** One event or the size of the batch is to blame. */
  | { readonly kind: 'divisible'; readonly code: string }
  /** The same request fails for good. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nothing is known: the same events are sent again. */
  | { readonly kind: 'unconfirmed' };

const DIVISIBLE = new Set([400, 413, 422]);
const TEMPORARY = new Set([408, 425, 429]);

/** Decides what an answer to a batch of events means. */
export function judgeAnswer(answer: Answer, sentEvents: number): Verdict {
  const { status, code } = answer;
  if (status === 200) {
    const rejected = readVerdicts(answer.body, sentEvents);
    return rejected === null ? { kind: 'unconfirmed' } : { kind: 'confirmed', rejected };
  }
  if (status === 401) return { kind: 'unauthenticated' };
  // Proxies between client and service refuse bodies by size, too.
  if (status === 413) return { kind: 'divisible', code: code ?? 'body_too_large' };
  // A login page of a network or a proxy answers 4xx as well; only the service's own problem is final.
  if (code === null || status < 400 || status >= 500 || TEMPORARY.has(status)) return { kind: 'unconfirmed' };
  return DIVISIBLE.has(status) ? { kind: 'divisible', code } : { kind: 'refused', code };
}

/** @returns null when the body is no answer to a batch of this size, such as a login page of a network */
function readVerdicts(body: unknown, sentEvents: number): RejectedEvent[] | null {
  const { accepted, duplicates, failed, rejected = [] } = Object(body) as Record<string, unknown>;
  if (typeof accepted !== 'number' || typeof duplicates !== 'number' || typeof failed !== 'number')
    return null;
  if (accepted + duplicates + failed !== sentEvents || !Array.isArray(rejected)) return null;
  return rejected.flatMap((each) => {
    const { index, code, message } = Object(each) as Record<string, unknown>;
    return typeof index === 'number' && typeof code === 'string'
      ? [{ index, code, message: textOf(message) }]
      : [];
  });
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
