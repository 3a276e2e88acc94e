import { IsOptional, ValidateBy } from 'class-validator';
import { HISTORY_INTERVALS } from '../../shared/rules/history-interval.rule.js';
import { describeInstallId } from '../../shared/rules/install-id.rule.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { countCharacters } from '../../shared/utils/text.util.js';

const WHOLE_NUMBER = /^[1-9]\d{0,8}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Declares the one rule of a field. One rule has one message, so that an absent field is never reported as too long.
 *
 * @param describe writes the message for a value that breaks the rule
 */
function fieldRule(
  name: string,
  isValid: (value: unknown) => boolean,
  describe: (field: string, value: unknown) => string,
): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: isValid,
      defaultMessage: (args) => describe(args?.property ?? '', args?.value),
    },
  });
}

/** Checks the type alone: the value object checks the rest, with a code of its own. */
export const IsInstallId = (): PropertyDecorator =>
  fieldRule(
    'isInstallId',
    (value) => typeof value === 'string',
    (_field, value) => describeInstallId(value),
  );

export const IsText = (options: {
  readonly maxLength: number;
  readonly example: string;
}): PropertyDecorator =>
  fieldRule(
    'isText',
    (value) => typeof value === 'string' && countCharacters(value) <= options.maxLength,
    (field, value) =>
      fieldMessage(
        field,
        `be a text of at most ${options.maxLength} characters`,
        value,
        `send one such as "${options.example}"`,
      ),
  );

export const IsUnixSeconds = (): PropertyDecorator =>
  fieldRule('isUnixSeconds', (value) => toUnixSeconds(value) !== null, describeUnixSeconds);

/** @param example a day for the message */
export const IsDay = (example: string): PropertyDecorator =>
  fieldRule(
    'isDay',
    (value) => typeof value === 'string' && DAY.test(value),
    (field, value) => fieldMessage(field, 'be a day as YYYY-MM-DD', value, `write ${field}=${example}`),
  );

/** @param example an instant for the message */
export const IsInstant = (example: string): PropertyDecorator =>
  fieldRule('isInstant', isInstant, (field, value) =>
    fieldMessage(
      field,
      'be an ISO 8601 instant with its zone',
      value,
      `write ${field}=${example}, and + as %2B in a URL`,
    ),
  );

/** Accepts the words true and false of a query parameter. */
export const IsSwitch = (): PropertyDecorator =>
  fieldRule(
    'isSwitch',
    (value) => value === 'true' || value === 'false',
    (field, value) =>
      fieldMessage(field, 'be true or false', value, `write ${field}=true, or leave it out for false`),
  );

/** @param example a value for the message */
export const IsOneOf = (values: readonly string[], example: string): PropertyDecorator =>
  fieldRule(
    'isOneOf',
    (value) => (values as readonly unknown[]).includes(value),
    (field, value) =>
      fieldMessage(field, `be one of ${values.join(', ')}`, value, `write ${field}=${example}`),
  );

/** Checks a whole number from 1, as text of a URL. */
export const IsWholeNumber = (options: {
  readonly max: number;
  readonly example: number;
}): PropertyDecorator =>
  fieldRule(
    'isWholeNumber',
    (value) => typeof value === 'string' && isCount(value, options.max),
    (field, value) =>
      fieldMessage(
        field,
        `be a whole number from 1 to ${options.max}`,
        value,
        `write ${field}=${options.example}`,
      ),
  );

/** Checks a list of whole numbers from 1, with commas between them. */
export const IsCounts = (options: {
  readonly max: number;
  readonly maxValues: number;
  readonly example: string;
}): PropertyDecorator =>
  fieldRule(
    'isCounts',
    (value) => {
      const parts = typeof value === 'string' ? value.split(',') : [];
      const isLength = parts.length >= 1 && parts.length <= options.maxValues;
      return isLength && parts.every((part) => isCount(part, options.max));
    },
    (field, value) =>
      fieldMessage(
        field,
        `be 1 to ${options.maxValues} whole numbers from 1 to ${options.max} with commas between them`,
        typeof value === 'string' && value.split(',').length > options.maxValues ? value.split(',') : value,
        `write ${field}=${options.example}`,
      ),
  );

function isCount(text: string, max: number): boolean {
  return WHOLE_NUMBER.test(text) && Number(text) <= max;
}

export const IsHistoryInterval = (): PropertyDecorator => (target, property) => {
  IsOptional()(target, property);
  fieldRule(
    'isHistoryInterval',
    (value) => (HISTORY_INTERVALS as readonly unknown[]).includes(value),
    (field, value) =>
      fieldMessage(
        field,
        `be one of ${HISTORY_INTERVALS.join(', ')}`,
        value,
        'choose one, or leave it out for 5m',
      ),
  )(target, property);
};
