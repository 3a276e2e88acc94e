import type { Schemas } from './routes.js';

export type ProblemKind =
  /** No token, or one that the service does not accept. */
  | 'unauthorized'
  /** The token lacks the role. */
  | 'forbidden'
  | 'busy'
  | 'unavailable'
  /** The service understood the request and refuses it. */
  | 'refused'
  /** No answer at all. */
  | 'unreachable'
  /** No answer in time. */
  | 'slow'
  /** The connection stands, and brings no newer reading. */
  | 'late'
  /** The answer is none that the page can draw. */
  | 'undrawable';

/** Explains why a figure is missing. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly status: number | null;
  /** A stable code of docs/errors.md. */
  readonly code: string | null;
  /** English text of the service. */
  readonly detail: string | null;
  /** Shortest wait that the service asks for. */
  readonly retryAfterMs: number | null;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.kind);
    this.name = 'ProblemError';
  }
}

type ProblemBody = Partial<Schemas['ProblemDto']>;

/** Reads the problem of an answer that is no success; its body may be that of a proxy. */
export function toProblem(response: Response, body: unknown): Problem {
  const { code, detail } = isRecord(body) ? (body as ProblemBody) : {};
  return {
    kind: kindOf(response.status),
    status: response.status,
    code: typeof code === 'string' ? code : null,
    detail: typeof detail === 'string' ? detail : null,
    retryAfterMs: readRetryAfterMs(response.headers.get('retry-after')),
  };
}

/** Turns whatever a request threw into a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { name, message } = isRecord(error) ? error : {};
  const kind = name === 'TimeoutError' ? 'slow' : 'unreachable';
  return { ...plainProblem(kind), detail: typeof message === 'string' ? message : null };
}

/** Returns a problem of which no more is known. */
export function plainProblem(kind: ProblemKind): Problem {
  return { kind, status: null, code: null, detail: null, retryAfterMs: null };
}

function kindOf(status: number): ProblemKind {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 429) return 'busy';
  return status >= 500 ? 'unavailable' : 'refused';
}

/** The service sends seconds; a date, which proxies may send, counts as absent. */
function readRetryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
