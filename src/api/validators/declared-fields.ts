import { getMetadataStorage } from 'class-validator';

export type DtoClass = new () => unknown;

const fieldsOfClass = new Map<DtoClass, readonly string[]>();

/** Returns the fields of a DTO class that have a rule, those of its base classes first, and caches them. */
export function declaredFields(dto: DtoClass): readonly string[] {
  let fields = fieldsOfClass.get(dto);
  if (fields === undefined) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    metadata.sort((a, b) => ancestorsOf(a.target) - ancestorsOf(b.target));
    fields = [...new Set(metadata.map(({ propertyName }) => propertyName))];
    fieldsOfClass.set(dto, fields);
  }
  return fields;
}

function ancestorsOf(target: unknown): number {
  const parent: unknown = typeof target === 'function' ? Object.getPrototypeOf(target) : null;
  return parent === null ? 0 : 1 + ancestorsOf(parent);
}
