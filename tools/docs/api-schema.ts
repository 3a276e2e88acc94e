import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { readOpenApiDocument } from './openapi-document.js';

/** Returns the types of all routes: the page reads the public ones, `clients/openapi` calls each of them once. */
export async function apiSchema(): Promise<string> {
  const document = JSON.stringify(await readOpenApiDocument());
  return astToString(await openapiTS(JSON.parse(document) as OpenAPI3, { alphabetize: true }));
}
