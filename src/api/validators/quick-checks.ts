import { getMetadataStorage } from 'class-validator';
import type { DtoClass } from './declared-fields.js';

/** One rule of a field, as class-validator holds it. */
type Check = readonly [field: string, rule: { validate(value: unknown): unknown }];

const checksOfClass = new Map<DtoClass, readonly Check[] | null>();

/**
 * Tells whether every rule of a DTO class holds, without the reports that class-validator prepares.
 * Returns false as well for a class with conditions, such as `IsOptional`: only class-validator decides on those.
 */
export function isSurelyValid(dtoClass: DtoClass, dto: Readonly<Record<string, unknown>>): boolean {
  let checks = checksOfClass.get(dtoClass);
  if (checks === undefined) checksOfClass.set(dtoClass, (checks = collectChecks(dtoClass)));
  if (checks === null) return false;
  for (const [field, rule] of checks) if (rule.validate(dto[field]) !== true) return false;
  return true;
}

/** Returns null for a class with anything but plain rules, and for one without rules. */
function collectChecks(dtoClass: DtoClass): readonly Check[] | null {
  const storage = getMetadataStorage();
  const metadata = storage.getTargetValidationMetadatas(dtoClass, '', false, false);
  const checks = metadata.flatMap(({ type, each, validateIf, propertyName, constraintCls }): Check[] => {
    if (type !== 'customValidation' || each || validateIf !== undefined) return [];
    return storage
      .getTargetValidatorConstraints(constraintCls)
      .map(({ instance }) => [propertyName, instance as Check[1]]);
  });
  return checks.length > 0 && checks.length === metadata.length ? checks : null;
}
