import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ERROR_CATALOGUE, errorCodesIn, type ErrorCode } from '../../../shared/exceptions/error-catalogue.js';
import { PROBLEM_JSON, toProblem, type Problem } from '../../http/problem.js';

const EXAMPLE_REQUEST_ID = '019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55';
const EXAMPLE_DETAIL = ERROR_CATALOGUE.request_invalid.detail;

export class FieldErrorDto {
  @ApiProperty({ example: 'startDate' })
  field!: string;

  @ApiProperty({ example: EXAMPLE_DETAIL })
  message!: string;
}

/** RFC 9457. */
export class ProblemDto {
  @ApiProperty({ format: 'uri', example: 'urn:problem:analytics-presence:request_invalid' })
  type!: string;

  @ApiProperty({ example: 'Bad Request' })
  title!: string;

  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 400 })
  status!: number;

  @ApiProperty({ example: EXAMPLE_DETAIL })
  detail!: string;

  @ApiProperty({ example: '/analytics/dau' })
  instance!: string;

  @ApiProperty({
    description: 'Stable; branch on this · 稳定不变，请据此分支',
    enum: errorCodesIn('request'),
    enumName: 'ErrorCode',
    example: 'request_invalid',
  })
  code!: string;

  @ApiProperty({
    description: 'The `X-Request-Id` of the answer · 应答的 `X-Request-Id`',
    example: EXAMPLE_REQUEST_ID,
  })
  requestId!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

/** Returns an error as a client receives it. */
export function problemExample(code: ErrorCode, path: string): Problem {
  return { ...toProblem(code, { instance: path }), requestId: EXAMPLE_REQUEST_ID };
}

/** Documents the errors of a route, grouped by status. The first code of a status is its example. */
export function ApiProblems(path: string, codes: readonly ErrorCode[]): MethodDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = toProblem(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\``).join(', '),
        content: {
          [PROBLEM_JSON]: {
            schema: { $ref: getSchemaPath(ProblemDto) },
            example: problemExample(ofStatus[0] as ErrorCode, path),
          },
        },
      }),
    ),
  );
}
