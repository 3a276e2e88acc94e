import { readFileSync } from 'node:fs';

/** Codes that docs/errors.md documents. */
export const DOCUMENTED_CODES: ReadonlySet<string> = new Set(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(
    (match) => match[1] ?? '',
  ),
);

/** Matches stacks, statements, paths, and the names and error codes of libraries. */
const INSIDES =
  /\bat \S+:\d+:\d+|node_modules|\.[jt]s:\d|SELECT |INSERT |\bprisma\b|postgresql:\/\/|ECONN|"stack"|FST_ERR|HPE_|ERR_HTTP/i;

/** Returns the faults of an error response; empty when it is a problem as documented. */
export function faultsOfProblem(answer: {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}): string[] {
  const { status, contentType, text } = answer;
  const faults: string[] = [];
  if (!contentType.startsWith('application/problem+json')) faults.push(`content type "${contentType}"`);
  if (INSIDES.test(text)) faults.push('internals are disclosed');
  const body = parseObject(text);
  if (body === undefined) return [...faults, 'no JSON object'];
  const { type, title, detail, code, errors } = body;
  if (body['status'] !== status) faults.push(`status ${String(body['status'])} in the body`);
  if (typeof code !== 'string' || !DOCUMENTED_CODES.has(code))
    faults.push(`undocumented code ${String(code)}`);
  if (type !== `urn:problem:analytics-presence:${String(code)}`) faults.push(`type ${String(type)}`);
  if (typeof title !== 'string' || title === '') faults.push('no title');
  if (typeof detail !== 'string' || detail === '') faults.push('no detail');
  if (errors !== undefined && !Array.isArray(errors)) faults.push('errors is not a list');
  return faults;
}

/** Returns a JSON object, or undefined for any other text. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // the text is not JSON
  }
}
