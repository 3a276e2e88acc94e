import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ApplicationException, type FieldError } from '../../shared/exceptions/application.exception.js';

/** Checks bodies and queries that have a DTO class; unknown fields are left out, so that clients may be newer than we. */
export function createDtoValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = errors.flatMap((error) => fieldErrors(error));
      return new ApplicationException(
        'request_invalid',
        'invalid',
        fields.map(({ message }) => message).join('; '),
        undefined,
        { errors: fields },
      );
    },
  });
}

function fieldErrors(error: ValidationError): FieldError[] {
  return Object.values(error.constraints ?? {}).map((message) => ({ field: error.property, message }));
}
