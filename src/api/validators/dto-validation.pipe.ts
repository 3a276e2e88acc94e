import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { validateSync, type ValidationError } from 'class-validator';
import { ApplicationException, type FieldError } from '../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { declaredFields, type DtoClass } from './declared-fields.js';
import { isSurelyValid } from './quick-checks.js';

/**
 * Validates bodies and queries that have a DTO class, and drops undeclared fields. Copies one level only:
 * class-transformer walks nested input without a bound (docs/adr/0007).
 */
@Injectable()
export class DtoValidationPipe implements PipeTransform<unknown> {
  /** @throws ApplicationException `request_invalid` with every wrong field, one reason each */
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type === 'custom' || metatype === undefined || isBuiltIn(metatype)) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const message = fieldMessage(
        `The ${type}`,
        'be a JSON object',
        value,
        `send one with ${declaredFields(metatype).join(', ')}`,
      );
      throw invalid([{ field: type, message }]);
    }
    const dto = copyDeclared(metatype as DtoClass, value);
    if (isSurelyValid(metatype as DtoClass, dto)) return dto;
    const errors = validateSync(dto, {
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    });
    if (errors.length > 0) throw invalid(errors.flatMap(toFieldErrors));
    return dto;
  }
}

/** Returns the DTO of an input whose every field is right; null for one that {@link DtoValidationPipe} has to judge. */
export function toSurelyValid<Dto extends object>(dtoClass: new () => Dto, value: unknown): Dto | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const dto = copyDeclared(dtoClass, value);
  return isSurelyValid(dtoClass, dto) ? (dto as Dto) : null;
}

function copyDeclared(dtoClass: DtoClass, value: object): Record<string, unknown> {
  const dto = new dtoClass() as Record<string, unknown>;
  for (const key of declaredFields(dtoClass))
    if (Object.hasOwn(value, key)) dto[key] = (value as typeof dto)[key];
  return dto;
}

function isBuiltIn(metatype: unknown): boolean {
  return [Object, String, Number, Boolean, Array].some((builtIn) => builtIn === metatype);
}

function toFieldErrors({ property, constraints }: ValidationError): FieldError[] {
  return Object.values(constraints ?? {}).map((message) => ({ field: property, message }));
}

function invalid(errors: readonly FieldError[]): ApplicationException {
  const message = errors.map((error) => error.message).join('; ');
  return new ApplicationException('request_invalid', { detail: message, errors });
}
