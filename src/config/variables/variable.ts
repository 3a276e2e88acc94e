import type { Localized, ValueType } from './value-types.js';

/** An environment variable: its type, its default and the texts of its documentation. */
export interface Variable<T> {
  readonly type: ValueType<T>;
  readonly default: T;
  readonly productionDefault: T;
  /** Says what an unset variable means; null when {@link default} is a value. */
  readonly unset: Localized | null;
  readonly isRequiredInProduction: boolean;
  /** Value in `.env.example`; empty for secrets. */
  readonly example: string;
  readonly description: Localized;
}

/** A group of variables, and its heading in the documentation. */
export interface Section {
  readonly title: Localized;
  readonly variables: Readonly<Record<string, Variable<unknown>>>;
}

/**
 * Declares a variable that always has a value.
 *
 * @param options `inProduction` replaces the default when NODE_ENV is production
 */
export function withDefault<T extends string | number | boolean>(
  type: ValueType<T>,
  options: Localized & {
    readonly default: NoInfer<T>;
    readonly inProduction?: NoInfer<T>;
    readonly example?: string;
  },
): Variable<T> {
  return {
    type,
    default: options.default,
    productionDefault: options.inProduction ?? options.default,
    unset: null,
    isRequiredInProduction: false,
    example: options.example ?? String(options.default),
    description: { en: options.en, zh: options.zh },
  };
}

/** Declares a variable that may be left unset. */
export function optional<T>(
  type: ValueType<T>,
  options: Localized & {
    readonly unset: Localized;
    readonly example: string;
    readonly isRequiredInProduction?: boolean;
  },
): Variable<T | undefined> {
  return {
    type,
    default: undefined,
    productionDefault: undefined,
    unset: options.unset,
    isRequiredInProduction: options.isRequiredInProduction ?? false,
    example: options.example,
    description: { en: options.en, zh: options.zh },
  };
}
