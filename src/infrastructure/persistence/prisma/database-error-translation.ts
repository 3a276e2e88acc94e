import {
  ApplicationException,
  dependencyUnavailable,
} from '../../../shared/exceptions/application.exception.js';
import { LateStatement } from './late-statement.js';
import { isUnavailable, sqlStateOf } from './database-errors.js';

const QUERY_CANCELED = '57014';

/**
 * Runs the work and translates errors that a later attempt may not meet; other errors pass unchanged.
 *
 * @throws ApplicationException `database_unavailable`, `database_too_slow`
 */
export async function translateDatabaseErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) === QUERY_CANCELED || error instanceof LateStatement) {
      throw new ApplicationException('database_too_slow', { cause: error });
    }
    throw isUnavailable(error) ? dependencyUnavailable('database', error) : error;
  }
}
