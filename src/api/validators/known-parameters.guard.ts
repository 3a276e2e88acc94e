import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { quoteText } from '../../shared/utils/field-message.util.js';
import { instanceOf } from '../http/problem.js';
import { declaredFields, type DtoClass } from './declared-fields.js';

/**
 * Rejects query parameters that the route does not take, which would silently answer another question than the one
 * asked. Use it behind the guards that authenticate.
 */
@Injectable()
export class KnownParametersGuard implements CanActivate {
  /** @throws ApplicationException `request_invalid` */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.url.includes('?')) return true;
    const known = parametersOf(context.getClass(), context.getHandler());
    for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
      if (!known.includes(name)) throw unknown(name, known, `${request.method} ${instanceOf(request)}`);
      if (Array.isArray(value)) throw repeated(name, value.length);
    }
    return true;
  }
}

/** Returns the fields of the DTO class of the handler's `@Query()` argument. */
function parametersOf(controller: object, handler: { readonly name: string }): readonly string[] {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler.name) ?? {}) as RouteArguments;
  const types = (Reflect.getMetadata('design:paramtypes', prototypeOf(controller), handler.name) ??
    []) as readonly DtoClass[];
  return Object.entries(args)
    .filter(([key]) => key.startsWith(`${RouteParamtypes.QUERY}:`))
    .flatMap(([, { index }]) => declaredFields(types[index] as DtoClass));
}

type RouteArguments = Readonly<Record<string, { readonly index: number }>>;

function prototypeOf(controller: object): object {
  return (controller as { readonly prototype: object }).prototype;
}

function unknown(name: string, known: readonly string[], route: string): ApplicationException {
  const taken =
    known.length === 0
      ? 'which takes none: leave it out'
      : `which takes ${known.join(', ')}: correct its name, or leave it out`;
  return rejection(name, `${quoteText(name)} is no parameter of ${route}, ${taken}`);
}

function repeated(name: string, times: number): ApplicationException {
  return rejection(name, `${name} must be given once, it is given ${times} times: leave one of them`);
}

function rejection(name: string, detail: string): ApplicationException {
  return new ApplicationException('request_invalid', {
    detail,
    errors: [{ field: name.slice(0, 64), message: detail }],
  });
}
