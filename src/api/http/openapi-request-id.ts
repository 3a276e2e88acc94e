import type { OpenAPIObject } from '@nestjs/swagger';
import { MAX_REQUEST_ID_LENGTH, REQUEST_ID_PATTERN } from './request-id.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const NAME = 'X-Request-Id';
const SCHEMA = {
  type: 'string',
  maxLength: MAX_REQUEST_ID_LENGTH,
  pattern: REQUEST_ID_PATTERN.source,
  example: '019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55',
};

/** Documents the header that every request may have and that every answer has. */
export function addRequestIds(document: OpenAPIObject): OpenAPIObject {
  const parameter = { $ref: '#/components/parameters/RequestId' };
  const header = { $ref: '#/components/headers/RequestId' };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation === undefined) continue;
      operation.parameters = [...(operation.parameters ?? []), parameter];
      for (const response of Object.values(operation.responses)) {
        if (response === undefined || '$ref' in response) continue;
        response.headers = { ...response.headers, [NAME]: header };
      }
    }
  }
  const components = {
    ...document.components,
    parameters: {
      ...document.components?.parameters,
      RequestId: {
        name: NAME,
        in: 'header' as const,
        required: false,
        description:
          'Your name for this request; a malformed one is replaced · 调用方为本次请求指定的 ID，格式不符则由服务生成',
        schema: SCHEMA,
      },
    },
    headers: {
      ...document.components?.headers,
      RequestId: {
        description:
          'Names this request in the logs; quote it when you report a problem · 本次请求在日志中的 ID，报告问题时请附上',
        schema: SCHEMA,
      },
    },
  };
  return { ...document, components };
}
