import { ApplicationException } from './application.exception.js';
import { DomainException } from './domain.exception.js';

/** An error with a code of the catalogue. */
export type ServiceException = ApplicationException | DomainException;

export function isServiceException(error: unknown): error is ServiceException {
  return error instanceof DomainException || error instanceof ApplicationException;
}

/** True when a later attempt may succeed unchanged. */
export function isUnavailableException(error: unknown): error is ServiceException {
  return isServiceException(error) && error.kind === 'unavailable';
}
