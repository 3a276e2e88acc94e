import { readFileSync } from 'node:fs';

/** All codes that docs/errors.md explains. */
export const DOCUMENTED_CODES: ReadonlySet<string> = new Set(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(
    (match) => match[1] ?? '',
  ),
);

/** No stack, no statement, no path, no name of a library or of its error codes. */
const INSIDES =
  /\bat \S+:\d+:\d+|node_modules|\.[jt]s:\d|SELECT |INSERT |\bprisma\b|postgresql:\/\/|ECONN|"stack"|FST_ERR|HPE_|ERR_HTTP/i;

/** What is wrong with an answer of 400 or above; empty when it is a problem as documented. */
export function faultsOfProblem(answer: {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}): string[] {
  const { status, contentType, text } = answer;
  const faults: string[] = [];
  if (!contentType.startsWith('application/problem+json')) faults.push(`content type "${contentType}"`);
  if (INSIDES.test(text)) faults.push('the inside shows');
  const body = parseObject(text);
  if (body === undefined) return [...faults, 'no JSON object'];
  const { type, title, detail, code, errors } = body;
  if (body['status'] !== status) faults.push(`status ${String(body['status'])} in the body`);
  if (typeof code !== 'string' || !DOCUMENTED_CODES.has(code))
    faults.push(`undocumented code ${String(code)}`);
  if (type !== `urn:problem:analytics-presence:${String(code)}`) faults.push(`type ${String(type)}`);
  if (typeof title !== 'string' || title === '') faults.push('no title');
  if (typeof detail !== 'string' || detail === '') faults.push('no detail');
  if (errors !== undefined && !Array.isArray(errors)) faults.push('errors is no list');
  return faults;
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON
  }
}
