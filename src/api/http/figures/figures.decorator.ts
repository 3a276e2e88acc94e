import { applyDecorators, UseInterceptors, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtraModels, ApiOkResponse, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { CSV_TYPE, JSON_TYPE } from './accepted-format.js';
import { csvExample, type CsvTable } from './csv.js';
import { FiguresInterceptor } from './figures.interceptor.js';

export interface FiguresOptions<Body> {
  /** DTO of the JSON answer, for the API documentation. */
  readonly type: Type<unknown>;
  readonly csv: CsvTable<Body>;
  /** Writes the JSON answer; `JSON.stringify` when absent. */
  readonly json?: (body: Body) => string;
  /** True for figures of this very moment, which no cache may keep. */
  readonly isLive?: boolean;
}

type MethodOf<Body> = (...args: never[]) => Promise<Body>;

/**
 * Declares a route that reads figures: its handler returns the body, and the edge answers JSON or CSV, compressed when
 * asked, with an ETag and 304 (docs/adr/0024).
 */
export function Figures<Body>(
  options: FiguresOptions<Body>,
): <Method extends MethodOf<Body>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void {
  const { type, csv, json, isLive = false } = options;
  return applyDecorators(
    RouteConfig({ figures: { isLive } }),
    UseInterceptors(new FiguresInterceptor(csv, json)),
    ApiExtraModels(type),
    ApiOkResponse({
      description: 'JSON, or CSV with `Accept: text/csv` · JSON，或以 `Accept: text/csv` 取 CSV',
      content: {
        [JSON_TYPE]: { schema: { $ref: getSchemaPath(type) } },
        [CSV_TYPE]: { schema: { type: 'string' }, example: csvExample(csv) },
      },
    }),
    ApiResponse({
      status: 304,
      description: 'Unchanged: `If-None-Match` has the ETag of this answer · 未变化',
    }),
  );
}
