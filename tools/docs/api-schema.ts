import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { readOpenApiDocument } from './openapi-document.js';

/** Returns the types of the public routes for clients in TypeScript; `web/` reads the service by them. */
export function apiSchema(): Promise<string> {
  return schemaOf(false);
}

/** Returns the types of all routes; `clients/openapi` calls each of them once. */
export function completeApiSchema(): Promise<string> {
  return schemaOf(true);
}

async function schemaOf(showInternal: boolean): Promise<string> {
  const document = JSON.stringify(await readOpenApiDocument(showInternal));
  return astToString(await openapiTS(JSON.parse(document) as OpenAPI3, { alphabetize: true }));
}
