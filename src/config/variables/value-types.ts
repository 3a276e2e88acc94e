/** Texts in the languages of the documentation. */
export interface Localized {
  readonly en: string;
  readonly zh: string;
}

export interface Reading<T> {
  /** Keeps what was given when a requirement is broken. */
  readonly value: T | string;
  /** Broken requirements, each of which completes a sentence that starts with the variable's name. */
  readonly problems: readonly string[];
}

/** Converts the text of an environment variable and checks it. */
export interface ValueType<T> {
  /** Names the values it accepts, with their bounds; `code` is in backticks. */
  readonly accepts: Localized;
  readonly read: (text: string) => Reading<T>;
  /** Keeps the value out of messages. */
  readonly isSecret?: boolean;
  /** Keeps longer values out of messages, which may be a secret in the wrong place. */
  readonly maxShownCharacters?: number;
}

/** Exceeds the length of every number that a variable may have. */
const MAX_DIGITS = 9;

export function integer(min: number, max: number): ValueType<number> {
  return {
    accepts: { en: `integer, ${min} to ${max}`, zh: `整数，${min} 至 ${max}` },
    maxShownCharacters: MAX_DIGITS,
    read: (text) => {
      const value = Number(text);
      const isMet = Number.isInteger(value) && value >= min && value <= max;
      return { value, problems: isMet ? [] : [`must be a whole number from ${min} to ${max}`] };
    },
  };
}

/** Accepts a whole number, or one word in its place. */
export function integerOr<const Word extends string>(
  word: Word,
  min: number,
  max: number,
): ValueType<number | Word> {
  const number = integer(min, max);
  return {
    ...number,
    accepts: { en: `\`${word}\`, or ${number.accepts.en}`, zh: `\`${word}\`，或${number.accepts.zh}` },
    read: (text) => {
      if (text === word) return { value: word, problems: [] };
      const { value, problems } = number.read(text);
      return { value, problems: problems.map((problem) => `${problem}, or ${word}`) };
    },
  };
}

export function boolean(): ValueType<boolean> {
  return {
    accepts: { en: '`true` or `false`', zh: '`true` 或 `false`' },
    read: (text) => {
      const isBoolean = text === 'true' || text === 'false';
      return {
        value: isBoolean ? text === 'true' : text,
        problems: isBoolean ? [] : ['must be true or false'],
      };
    },
  };
}

/** @param synonyms maps further names to their choice; documents and messages name the choices only */
export function oneOf<const Choice extends string | number>(
  choices: readonly Choice[],
  synonyms: ReadonlyMap<string, NoInfer<Choice>> = new Map(),
): ValueType<Choice> {
  const names = choices.map((choice) => `\`${choice}\``);
  const last = names.at(-1) ?? '';
  return {
    accepts: {
      en: `${names.slice(0, -1).join(', ')} or ${last}`,
      zh: `${names.slice(0, -1).join('、')} 或 ${last}`,
    },
    read: (text) => {
      const named = choices.find((each) => each === (typeof each === 'number' ? Number(text) : text));
      const choice = named ?? synonyms.get(text);
      return {
        value: choice ?? text,
        problems: choice === undefined ? [`must be one of ${choices.join(', ')}`] : [],
      };
    },
  };
}

/** Accepts any text. */
export function text(accepts: Localized): ValueType<string> {
  return { accepts, read: (value) => ({ value, problems: [] }) };
}

/**
 * Accepts texts that meet one requirement.
 *
 * @param requirement completes the sentence "NAME must …"
 */
export function checkedText(
  accepts: Localized,
  requirement: string,
  isMetBy: (text: string) => boolean,
): ValueType<string> {
  return {
    accepts,
    read: (value) => ({ value, problems: isMetBy(value) ? [] : [`must ${requirement}`] }),
  };
}

/** Keeps the values of a type out of messages. */
export function secret<T>(type: ValueType<T>): ValueType<T> {
  return { ...type, isSecret: true };
}
