import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { isJsonObject, writeJson } from '../../shared/utils/exact-json.js';
import { ExactNumber, MAX_NUMBER_CHARACTERS } from '../../shared/utils/exact-number.js';
import { fieldMessage, MAX_SHOWN_CHARACTERS } from '../../shared/utils/field-message.util.js';
import { countCharacters, isStorable, normalizeText, shorten } from '../../shared/utils/text.util.js';
import { placeNames, type PlaceNames } from './place-names.vo.js';

/** Well-known properties; clients may send any others beside them. */
export interface EventPropertiesData {
  readonly os?: unknown;
  readonly osVersion?: unknown;
  readonly appVersion?: unknown;
  readonly networkType?: unknown;
  readonly province?: unknown;
  readonly city?: unknown;
  readonly [key: string]: unknown;
}

// Finds NUL and lone surrogates as JSON.stringify escapes them. An escaped backslash before makes a false
// alarm, which `checkText` clears.
const SUSPICIOUS_ESCAPE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** UTF-8 takes at most three bytes for one unit of a string. */
const MAX_BYTES_A_UNIT = 3;

/**
 * The properties of an event: a JSON object of at most {@link MAX_BYTES} bytes, {@link MAX_DEPTH} levels
 * and {@link MAX_KEYS} keys.
 */
export class EventProperties {
  static readonly MAX_BYTES = 32 * 1024;
  static readonly MAX_DEPTH = 16;
  static readonly MAX_KEYS = 512;
  static readonly MAX_PLACE_LENGTH = 128;

  private static readonly EMPTY = new EventProperties({}, null);

  /** @param json the properties as JSON text, ready to be stored; null when there are none */
  private constructor(
    readonly data: EventPropertiesData,
    readonly json: string | null,
  ) {}

  static empty(): EventProperties {
    return EventProperties.EMPTY;
  }

  /**
   * Names province and city by the rules given, so that spellings of one place are one; an empty name is none.
   *
   * @param input undefined and null mean no properties
   * @throws DomainException `properties_invalid`
   */
  static fromData(input: unknown, names: PlaceNames = placeNames('canonical')): EventProperties {
    if (input === undefined || input === null) return EventProperties.EMPTY;
    if (!isJsonObject(input)) {
      throw invalid(
        fieldMessage(
          'properties',
          'be a JSON object',
          input,
          'send an object such as {"os": "iOS"}, or leave it out',
        ),
      );
    }

    const seen = { keys: 0, hasExactNumbers: false };
    checkStructure(input, 1, seen);
    const data = withNamedPlaces(input, names);
    const json = seen.hasExactNumbers ? writeJson(data) : JSON.stringify(data);
    checkSize(json);
    // Most texts have no escape at all, which a search for one says sooner than a pattern.
    if (json.includes('\\u') && SUSPICIOUS_ESCAPE.test(json)) checkText(data);
    return new EventProperties(data, json);
  }

  get os(): string | undefined {
    return text(this.data.os);
  }

  get osVersion(): string | undefined {
    return text(this.data.osVersion);
  }

  get appVersion(): string | undefined {
    return text(this.data.appVersion);
  }

  get networkType(): string | undefined {
    return text(this.data.networkType);
  }

  /** Undefined when absent, blank or not a string: then the event counts in the total only. */
  get province(): string | undefined {
    return name(this.data.province);
  }

  /** Undefined in the same cases as {@link province}. */
  get city(): string | undefined {
    return name(this.data.city);
  }
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Normalizes what subscribers group by; the log keeps it as sent. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? name(normalizeText(value)) : undefined;
}

function withNamedPlaces(data: EventPropertiesData, names: PlaceNames): EventPropertiesData {
  const { province: sentProvince, city: sentCity } = data;
  if (typeof sentProvince !== 'string' && typeof sentCity !== 'string') return data;
  const province = typeof sentProvince === 'string' ? names.province(sentProvince) : '';
  const city = typeof sentCity === 'string' ? names.city(sentCity, province) : '';
  checkLength('province', province);
  checkLength('city', city);
  const isProvinceNamed = typeof sentProvince !== 'string' || province === sentProvince;
  const isCityNamed = typeof sentCity !== 'string' || city === sentCity;
  if (isProvinceNamed && isCityNamed) return data;
  return { ...data, ...(!isProvinceNamed && { province }), ...(!isCityNamed && { city }) };
}

function checkLength(key: 'province' | 'city', name: string): void {
  if (countCharacters(name) <= EventProperties.MAX_PLACE_LENGTH) return;
  throw invalid(
    fieldMessage(
      `properties.${key}`,
      `have at most ${EventProperties.MAX_PLACE_LENGTH} characters`,
      name,
      'send the name of one place',
    ),
    `properties.${key}`,
  );
}

function checkSize(json: string): void {
  if (json.length * MAX_BYTES_A_UNIT <= EventProperties.MAX_BYTES) return;
  const bytes = Buffer.byteLength(json);
  if (bytes <= EventProperties.MAX_BYTES) return;
  throw invalid(
    `properties must have at most ${EventProperties.MAX_BYTES} bytes as JSON, they have ${bytes}: send fewer of them`,
  );
}

/** Rejects an object that is too deep before it descends into it. */
function checkStructure(
  value: object,
  depth: number,
  seen: { keys: number; hasExactNumbers: boolean },
): void {
  if (depth > EventProperties.MAX_DEPTH) {
    throw invalid(
      `properties must be nested at most ${EventProperties.MAX_DEPTH} levels deep, they are nested deeper: flatten them`,
    );
  }
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (!Array.isArray(value)) {
    seen.keys += children.length;
    if (seen.keys > EventProperties.MAX_KEYS) {
      throw invalid(
        `properties must have at most ${EventProperties.MAX_KEYS} keys, they have more: send fewer of them`,
      );
    }
  }
  for (const child of children) {
    if (child instanceof ExactNumber) {
      if (!child.isStorable()) throw unstorable(child.text);
      seen.hasExactNumbers = true;
    } else if (typeof child === 'object' && child !== null) checkStructure(child, depth + 1, seen);
    else if (typeof child === 'number' && !Number.isFinite(child)) throw unstorable(String(child));
  }
}

function checkText(value: unknown): void {
  if (typeof value === 'string') {
    if (!isStorable(value))
      throw invalid(
        'properties must be text without NUL characters and broken Unicode, some is not: remove these characters',
      );
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      checkText(key);
      checkText(child);
    }
  }
}

function unstorable(text: string): DomainException {
  return invalid(
    `properties must hold numbers within the range of a double, of at most ${MAX_NUMBER_CHARACTERS} characters; ` +
      `send ${shorten(text, MAX_SHOWN_CHARACTERS)} as a string`,
  );
}

function invalid(message: string, field = 'properties'): DomainException {
  return new DomainException('properties_invalid', { detail: message, field });
}
