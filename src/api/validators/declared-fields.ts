import { getMetadataStorage } from 'class-validator';

export type DtoClass = new () => unknown;

const fieldsOfClass = new Map<DtoClass, readonly string[]>();

/** Returns the fields of a DTO class that have a rule, and caches them. */
export function declaredFields(dto: DtoClass): readonly string[] {
  let fields = fieldsOfClass.get(dto);
  if (fields === undefined) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    fields = [...new Set(metadata.map(({ propertyName }) => propertyName))];
    fieldsOfClass.set(dto, fields);
  }
  return fields;
}
