import { IsOptional, ValidateBy } from 'class-validator';
import { HISTORY_INTERVALS } from '../../shared/rules/history-interval.rule.js';
import { isInstant } from '../../shared/rules/instant.rule.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';

/** Decorators that apply the shared rules to the fields of a DTO. */
export const IsUnixSeconds = (): PropertyDecorator =>
  ValidateBy({
    name: 'isUnixSeconds',
    validator: {
      validate: (value) => toUnixSeconds(value) !== null,
      defaultMessage: (args) => describeUnixSeconds(args?.property ?? ''),
    },
  });

export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: isInstant,
      defaultMessage: () =>
        '$property must be an ISO 8601 instant with a zone, such as 2025-01-15T10:00:00Z (write + as %2B in a URL)',
    },
  });

export const IsHistoryInterval = (): PropertyDecorator => (target, property) => {
  IsOptional()(target, property);
  ValidateBy({
    name: 'isHistoryInterval',
    validator: {
      validate: (value) => (HISTORY_INTERVALS as readonly unknown[]).includes(value),
      defaultMessage: () => `$property must be one of the following values: ${HISTORY_INTERVALS.join(', ')}`,
    },
  })(target, property);
};
