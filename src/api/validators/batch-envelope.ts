import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { isJsonObject } from '../../shared/utils/exact-json.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';

/**
 * Returns the items of a batch, unchecked.
 *
 * @param name the field that holds them
 * @throws ApplicationException `batch_invalid`
 */
export function itemsOf(body: unknown, name: 'events' | 'heartbeats', limit: number): readonly unknown[] {
  if (!isJsonObject(body)) {
    throw batchInvalid(fieldMessage('The body', 'be a JSON object', body, `send {"${name}": [...]}`), name);
  }
  const items = body[name];
  if (Array.isArray(items) && items.length >= 1 && items.length <= limit) return items;
  const isTooLong = Array.isArray(items) && items.length > limit;
  const nextStep = isTooLong ? 'split the batch' : `send the ${name} in an array`;
  throw batchInvalid(fieldMessage(name, `be an array of 1 to ${limit} ${name}`, items, nextStep), name);
}

export function batchInvalid(message: string, field: string): ApplicationException {
  return new ApplicationException('batch_invalid', { detail: message, field });
}
