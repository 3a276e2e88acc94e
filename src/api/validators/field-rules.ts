import { IsOptional, ValidateBy } from 'class-validator';
import { HISTORY_INTERVALS } from '../../shared/rules/history-interval.rule.js';
import { describeInstallId } from '../../shared/rules/install-id.rule.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { countCharacters } from '../../shared/utils/text.util.js';

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
