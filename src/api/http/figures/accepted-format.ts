import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';

export const JSON_TYPE = 'application/json';
export const CSV_TYPE = 'text/csv';

export interface AcceptedFormat {
  readonly type: typeof JSON_TYPE | typeof CSV_TYPE;
  /** Puts a byte order mark before CSV, by which spreadsheets recognise UTF-8. */
  readonly bom: boolean;
}

/** One element of an Accept header (RFC 9110, 12.5.1). */
interface MediaRange {
  readonly range: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
  readonly position: number;
}

interface Preference {
  readonly quality: number;
  /** 2 for the type itself, 1 for `text/*`, 0 for any type. */
  readonly specificity: number;
  readonly position: number;
  readonly parameters: ReadonlyMap<string, string>;
}

const UNWANTED: Preference = { quality: 0, specificity: -1, position: 0, parameters: new Map() };
const JSON_FORMAT: AcceptedFormat = { type: JSON_TYPE, bom: false };
const SWITCH: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/**
 * Chooses CSV where a client prefers it. Answers JSON to every other header, as if there were none.
 *
 * @throws ApplicationException `request_invalid` for an unknown value of the parameter `bom`
 */
export function acceptedFormat(header: string | undefined): AcceptedFormat {
  if (header?.toLowerCase().includes('text/') !== true) return JSON_FORMAT;
  const ranges = header.split(',').map(toMediaRange);
  const csv = preferenceFor(CSV_TYPE, ranges);
  if (csv.quality === 0 || !isPreferred(csv, preferenceFor(JSON_TYPE, ranges))) return JSON_FORMAT;
  return { type: CSV_TYPE, bom: toSwitch(csv.parameters.get('bom')) };
}

function toMediaRange(element: string, position: number): MediaRange {
  const [range = '', ...rest] = element.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2).map((side) => side.trim());
      return [name, value.replace(/^"(.*)"$/, '$1')];
    }),
  );
  const quality = Number(parameters.get('q') ?? '1');
  return { range, parameters, quality: quality > 0 && quality <= 1 ? quality : 0, position };
}

/** Returns the most specific range that matches the type. */
function preferenceFor(type: string, ranges: readonly MediaRange[]): Preference {
  const bySpecificity = ['*/*', `${type.split('/', 1)[0] ?? ''}/*`, type];
  let best = UNWANTED;
  for (const { range, ...preference } of ranges) {
    const specificity = bySpecificity.indexOf(range);
    if (specificity > best.specificity) best = { ...preference, specificity };
  }
  return best;
}

function isPreferred(csv: Preference, json: Preference): boolean {
  if (csv.quality !== json.quality) return csv.quality > json.quality;
  if (csv.specificity !== json.specificity) return csv.specificity > json.specificity;
  return csv.specificity === 2 && csv.position < json.position;
}

function toSwitch(value: string | undefined): boolean {
  if (value === undefined) return false;
  const isOn = SWITCH[value];
  if (isOn !== undefined) return isOn;
  const message = fieldMessage('bom', 'be true or false', value, 'write Accept: text/csv;bom=true');
  throw new ApplicationException('request_invalid', {
    detail: message,
    errors: [{ field: 'Accept', message }],
  });
}
