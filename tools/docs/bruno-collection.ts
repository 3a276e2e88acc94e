import { parseEnvironment } from '../../src/config/environment.js';
import { readOpenApiDocument } from './openapi-document.js';
import {
  operations,
  prefilledRequest,
  resolveSchema,
  type NamedOperation,
  type OpenApi,
  type PrefilledRequest,
} from './openapi-requests.js';

/** Directory of the collection, from the root of the repository. */
export const BRUNO_DIRECTORY = 'clients/bruno';
/** Tag of the requests whose answers do not end; a run of the collection leaves them out. */
export const ENDLESS_TAG = 'endless';

const MANIFEST = { version: '1', name: 'Analytics & Presence', type: 'collection', ignore: [] };
const COLLECTION_DOCS = `Generated from the controllers and DTOs in src/api by "npm run docs:generate"; do not edit.

Choose the environment "local" and give it the token that "npm start" prints.`;

/** Returns the files of the Bruno collection by their paths below {@link BRUNO_DIRECTORY}. */
export async function brunoCollection(): Promise<ReadonlyMap<string, string>> {
  const document = JSON.parse(JSON.stringify(await readOpenApiDocument())) as OpenApi;
  return new Map([
    ['bruno.json', `${JSON.stringify(MANIFEST, null, 2)}\n`],
    ['collection.bru', collection()],
    ['environments/local.bru', environment()],
    ...operations(document).map((operation, index): [string, string] => [
      `${operation.tags?.[0] ?? 'Other'}/${operation.operationId ?? ''}.bru`,
      requestFile(document, operation, index + 1),
    ]),
  ]);
}

function collection(): string {
  return blocks([
    block('auth', ['mode: bearer']),
    block('auth:bearer', ['token: {{token}}']),
    block('docs', COLLECTION_DOCS.split('\n')),
  ]);
}

function environment(): string {
  return blocks([
    block('vars', [`baseUrl: http://127.0.0.1:${parseEnvironment({}).PORT}`]),
    'vars:secret [\n  token,\n  internalKey\n]',
  ]);
}

function requestFile(document: OpenApi, operation: NamedOperation, sequence: number): string {
  const { operationId = '', method, path, summary = '', description = '' } = operation;
  const { query, body } = prefilledRequest(document, operation);
  const isStream = operation.responses['200']?.content?.['text/event-stream'] !== undefined;
  const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return blocks([
    block('meta', [
      `name: ${operationId}`,
      'type: http',
      `seq: ${sequence}`,
      ...(isStream ? ['tags: [', `  ${ENDLESS_TAG}`, ']'] : []),
    ]),
    block(method.toLowerCase(), [
      `url: {{baseUrl}}${path}${search === '' ? '' : `?${search}`}`,
      `body: ${body === undefined ? 'none' : 'json'}`,
      `auth: ${authOf(operation)}`,
    ]),
    ...queryBlock(operation, query),
    ...(needs(operation, 'internal-key') ? [block('headers', ['X-Internal-Api-Key: {{internalKey}}'])] : []),
    ...(body === undefined ? [] : [block('body:json', JSON.stringify(body, null, 2).split('\n'))]),
    block('assert', [
      'res.status: eq 200',
      // A refused item is no refused request.
      ...(hasVerdicts(document, operation) ? ['res.body.failed: eq 0'] : []),
    ]),
    block('docs', [summary, description].filter(Boolean).join('\n\n').split('\n')),
  ]);
}

/** Says whether an answer of 200 tells how many items were refused. */
function hasVerdicts(document: OpenApi, { responses }: NamedOperation): boolean {
  const schema = responses['200']?.content?.['application/json']?.schema;
  return resolveSchema(document, schema)?.properties?.['failed'] !== undefined;
}

/** Lists all parameters; those that the request leaves out are there, switched off. */
function queryBlock(operation: NamedOperation, query: PrefilledRequest['query']): string[] {
  const values = new Map(query);
  const lines = (operation.parameters ?? []).flatMap(({ name, in: place }) => {
    if (place !== 'query' || name === undefined) return [];
    const value = values.get(name);
    return value === undefined ? [`~${name}: `] : [`${name}: ${encodeURIComponent(value)}`];
  });
  return lines.length > 0 ? [block('params:query', lines)] : [];
}

function authOf(operation: NamedOperation): 'inherit' | 'none' {
  return needs(operation, 'bearer') ? 'inherit' : 'none';
}

function needs({ security = [] }: NamedOperation, scheme: string): boolean {
  return security.some((one) => scheme in one);
}

function block(name: string, lines: readonly string[]): string {
  return [`${name} {`, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), '}'].join('\n');
}

function blocks(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
