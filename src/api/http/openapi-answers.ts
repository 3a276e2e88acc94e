import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { problemExample, ProblemDto } from '../dto/response/problem.dto.js';
import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';
import { PROBLEM_JSON } from './problem.js';
import { UNLIMITED } from './rate-limits.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Answer = Exclude<NonNullable<Operation['responses'][string]>, { $ref: string }>;
type Headers = NonNullable<Answer['headers']>;
type Header = Exclude<Headers[string], { $ref: string }>;

const METHODS = ['get', 'post'] as const;
/** Refusals that no handler gives and every route may answer. */
const ANYWHERE: readonly ErrorCode[] = [
  'request_malformed',
  'headers_too_large',
  'internal_error',
  'shutting_down',
];
const RETRY_LATER = new Set(['429', '503']);
const VALIDATED = new Set(['200', '304']);

const count = (description: string, example: number): Header => ({
  description,
  schema: { type: 'integer', minimum: 0, example },
});

const HEADERS: Readonly<Record<string, Header>> = {
  'Retry-After': count('Seconds to wait before the same request is sent again · 重试前等待的秒数', 2),
  'RateLimit-Limit': count('Requests a minute that are allowed · 每分钟允许的请求数', 6000),
  'RateLimit-Remaining': count('Requests left in this minute · 本分钟剩余的请求数', 5999),
  'RateLimit-Reset': count('Seconds until the count starts anew · 距重新计数的秒数', 42),
  ETag: {
    description:
      'Names this answer; send it as `If-None-Match` · 本次应答的标识，可作为 `If-None-Match` 发送',
    schema: { type: 'string', pattern: '^W/"[A-Za-z0-9_-]+"$', example: 'W/"3q2-7wAAAAAAAAAAAAAAAA"' },
  },
};
const LIMITS = Object.keys(HEADERS).filter((name) => name.startsWith('RateLimit-'));

/** Documents what the edge adds to the answers of the handlers: its refusals and its headers. */
export function addEdgeAnswers(document: OpenAPIObject): OpenAPIObject {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (operation === undefined) continue;
      for (const code of ANYWHERE) addRefusal(operation, path, code);
      addHeaders(operation, !UNLIMITED.test(path));
    }
  }
  const { components } = document;
  return { ...document, components: { ...components, headers: { ...components?.headers, ...HEADERS } } };
}

/** Keeps the example that a route gives for the same status. */
function addRefusal(operation: Operation, path: string, code: ErrorCode): void {
  const problem = problemExample(code, path);
  const status = String(problem.status);
  const known = operation.responses[status] as Answer | undefined;
  const name = `\`${code}\``;
  if (known?.description.includes(name)) return;
  operation.responses[status] = {
    ...known,
    description: [known?.description, name].filter(Boolean).join(', '),
    content: {
      [PROBLEM_JSON]: { schema: { $ref: getSchemaPath(ProblemDto) }, example: problem },
      ...known?.content,
    },
  };
}

function addHeaders(operation: Operation, isLimited: boolean): void {
  const hasValidator = '304' in operation.responses;
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (answer === undefined || '$ref' in answer) continue;
    const names = [
      ...(RETRY_LATER.has(status) ? ['Retry-After'] : []),
      ...(isLimited && status < '500' && status !== '431' ? LIMITS : []),
      ...(hasValidator && VALIDATED.has(status) ? ['ETag'] : []),
    ];
    if (names.length > 0) answer.headers = { ...answer.headers, ...referTo(names) };
  }
}

function referTo(names: readonly string[]): Headers {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
