import type {
  HttpOutcome,
  HttpRequest,
  HttpResponse,
  HttpSender,
} from '../../simulation/delivery/http-client.js';
import { pause } from '../../simulation/delivery/pause.js';
import type { SeededFault } from './sabotage.js';

/** Exceeds 2.5 s by far, so that the delay of a busy machine does not excuse it. */
const HELD_MS = 15_000;
const HEARTBEAT = '/presence/heartbeat';
const EVENTS = '/analytics/events';
const PROBE_ADDRESS = '10.255.';

type Lie = (request: HttpRequest, send: () => Promise<HttpOutcome>) => Promise<HttpOutcome>;

/** Faults of the answers. A probe's answers are changed where no device would notice. */
export const ANSWER_SABOTAGE: readonly SeededFault[] = [
  {
    commits: 'stores an event and says that it rejected it',
    checks: ['nothing rejected is stored'],
    wrap: onceOn(0, EVENTS, (response) => ({
      ...response,
      body: { accepted: 1, duplicates: 0, failed: 1, rejected: [{ index: 0, code: 'event_invalid' }] },
    })),
  },
  {
    commits: 'answers 500',
    checks: ['a failed request gets 503 with Retry-After'],
    // The heartbeats of the first replica all fail, see below.
    wrap: onceOn(1, HEARTBEAT, (response) => ({ ...response, status: 500 })),
  },
  {
    commits: 'drops a connection instead of an answer',
    checks: ['a running replica answers every request'],
    wrap: onceOn(1, EVENTS, ({ latencyMs }) => ({
      kind: 'no response',
      reason: 'ECONNRESET',
      mayHaveArrived: true,
      latencyMs,
    })),
  },
  {
    commits: 'answers late',
    checks: ['every answer comes within 2.5 s'],
    wrap: onceOn(0, EVENTS, async (response) => {
      await pause(HELD_MS);
      return response;
    }),
  },
  {
    commits: 'does not recover and calls itself ready',
    checks: ['service recovers within 10 s', 'readiness tells the truth'],
    wrap: (http, replica) =>
      replica !== 0
        ? http
        : lying(http, async (request, send) => {
            const outcome = await send();
            if (!isProbe(request) || request.path !== HEARTBEAT || outcome.kind !== 'response')
              return outcome;
            return { ...outcome, status: 503, retryAfterMs: 1_000, body: undefined };
          }),
  },
  lieOf(
    '/presence/online-count',
    'online count is right one window later',
    'shows users online that are not',
    {
      count: 1_000,
    },
  ),
  lieOf('/analytics/active-users', 'figures over spans equal the model', 'counts a span wrongly', {
    activeCount: 1,
  }),
  lieOf(
    '/analytics/lifecycle',
    'new, returning and dormant users equal the model',
    'calls users new that are not',
    { newCount: 1 },
  ),
  lieOf('/analytics/retention', 'retention equals the model', 'counts a cohort wrongly', { cohortSize: 1 }),
];

/** Adds to fields of a figure, or of each item of its data. */
function lieOf(path: string, check: string, commits: string, more: Record<string, number>): SeededFault {
  const add = (figure: object): object => {
    const known = figure as Readonly<Record<string, number>>;
    return {
      ...known,
      ...Object.fromEntries(Object.entries(more).map(([name, by]) => [name, (known[name] ?? 0) + by])),
    };
  };
  return {
    commits,
    checks: [check],
    wrap: (http) =>
      lying(http, async (request, send) => {
        const outcome = await send();
        if (!request.path.startsWith(path) || outcome.kind !== 'response') return outcome;
        const body = outcome.body as { readonly data?: readonly object[] };
        return {
          ...outcome,
          body: body.data === undefined ? add(body) : { ...body, data: body.data.map(add) },
        };
      }),
  };
}

/** Changes one successful answer to a probe of a replica. */
function onceOn(
  victim: number,
  path: string,
  change: (response: HttpResponse) => HttpOutcome | Promise<HttpOutcome>,
): NonNullable<SeededFault['wrap']> {
  return (http, replica) => {
    let isDone = replica !== victim;
    return lying(http, async (request, send) => {
      const outcome = await send();
      if (isDone || !isProbe(request) || request.path !== path) return outcome;
      if (outcome.kind !== 'response' || outcome.status >= 300) return outcome;
      isDone = true;
      return change(outcome);
    });
  };
}

function isProbe({ headers }: HttpRequest): boolean {
  return headers?.['x-forwarded-for']?.startsWith(PROBE_ADDRESS) === true;
}

function lying(http: HttpSender, lie: Lie): HttpSender {
  return { send: async (request) => lie(request, async () => http.send(request)) };
}
