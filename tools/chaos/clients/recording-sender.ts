import type { HttpOutcome, HttpRequest, HttpSender } from '../../simulation/delivery/http-client.js';
import type { Operation, SentEvent } from '../history/history.js';

export interface RecorderOptions {
  readonly client: Operation['client'];
  readonly elapsedMs: () => number;
  /** Returns the wall clock in milliseconds. */
  readonly now: () => number;
  readonly record: (operation: Operation) => void;
}

/** Sends each request to the next replica, as a load balancer does, and records what came of it. */
export class RecordingSender implements HttpSender {
  private next = 0;

  /** @param replicas one sender a replica; probes have one of their own */
  constructor(
    private readonly replicas: readonly { readonly index: number; readonly http: HttpSender }[],
    private readonly options: RecorderOptions,
  ) {}

  async send(request: HttpRequest): Promise<HttpOutcome> {
    const { elapsedMs, now, record, client } = this.options;
    const replica = this.replicas[this.next++ % this.replicas.length];
    if (replica === undefined) throw new RangeError('There is no replica to send to');
    const [atMs, wallMs] = [elapsedMs(), now()];
    const outcome = await replica.http.send(request);
    record({
      atMs: Math.round(atMs),
      tookMs: Math.round(elapsedMs() - atMs),
      wallMs,
      replica: replica.index,
      client,
      path: request.path,
      ...userIn(request.token),
      ...eventsIn(request.body),
      ...(outcome.kind === 'response'
        ? {
            status: outcome.status,
            hasRetryAfter: outcome.retryAfterMs !== undefined,
            answer: outcome.body,
          }
        : { reason: outcome.reason }),
    });
    return outcome;
  }
}

function userIn(token: string | undefined): Pick<Operation, 'user'> {
  const claims = token?.split('.')[1];
  if (claims === undefined) return {};
  const { userId, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Partial<
    Record<'userId' | 'sub', string>
  >;
  const user = userId ?? sub;
  return user === undefined ? {} : { user };
}

function eventsIn(body: string | undefined): Pick<Operation, 'events' | 'sentAt'> {
  if (body === undefined) return {};
  const { events, sentAt } = JSON.parse(body) as {
    readonly events?: readonly SentEvent[];
    readonly sentAt?: number;
  };
  return { ...(events !== undefined && { events }), ...(sentAt !== undefined && { sentAt }) };
}
