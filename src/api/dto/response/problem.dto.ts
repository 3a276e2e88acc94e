import { applyDecorators, HttpStatus } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';

export class FieldErrorDto {
  @ApiProperty({ example: 'startDate' })
  field!: string;

  @ApiProperty({ example: 'startDate must be a day as YYYY-MM-DD' })
  message!: string;
}

/** RFC 9457. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:problem:analytics-presence:request_invalid' })
  type!: string;

  @ApiProperty({ example: 'Bad Request' })
  title!: string;

  @ApiProperty({ example: 400 })
  status!: number;

  @ApiProperty({ example: 'startDate must be a day as YYYY-MM-DD' })
  detail!: string;

  @ApiProperty({ example: '/analytics/dau' })
  instance!: string;

  @ApiProperty({ description: 'Stable; branch on this', example: 'request_invalid' })
  code!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

interface ProblemExample {
  readonly code: string;
  readonly detail: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

const COMMON: Readonly<Record<number, ProblemExample>> = {
  400: { code: 'request_invalid', detail: 'startDate must be a day as YYYY-MM-DD' },
  401: {
    code: 'token_expired',
    detail: 'The token has expired. Refresh it and send the same request again.',
  },
  403: { code: 'role_missing', detail: 'The token lacks a role that may read these figures.' },
  413: {
    code: 'body_too_large',
    detail: 'The body is larger than this route accepts. Send smaller batches.',
  },
  415: {
    code: 'content_type_unsupported',
    detail: 'Send the body as application/json, plain or with Content-Encoding: gzip.',
  },
  429: {
    code: 'rate_limited',
    detail: 'More than 6000 requests a minute from this address. Send the same request again after 42 s.',
  },
  503: {
    code: 'database_unavailable',
    detail: 'The service cannot reach its database at the moment. Send the same request again later.',
  },
};

/** Documents the errors a route answers with, each with an example as it really is. */
export function ApiProblems(
  path: string,
  statuses: readonly number[],
  examples: Readonly<Record<number, ProblemExample>> = {},
): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...statuses.map((status) => {
      const { code, detail } = examples[status] ?? COMMON[status] ?? { code: 'internal_error', detail: '' };
      return ApiResponse({
        status,
        description: HttpStatus[status] ?? '',
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(ProblemDto) },
            example: {
              type: `urn:problem:analytics-presence:${code}`,
              title: TITLES[status] ?? 'Error',
              status,
              detail,
              instance: path,
              code,
            },
          },
        },
      });
    }),
  );
}
