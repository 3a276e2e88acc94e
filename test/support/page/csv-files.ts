import { buffer } from 'node:stream/consumers';

import { expect } from '@jest/globals';
import type { Locator } from 'playwright-core';

import { csvRecords } from '../../../web/src/api/csv-rows.js';
import { request } from '../http.js';
import type { Visit } from './dashboard.js';
import { TOKEN } from './figures.js';
import { pageServices } from './page-services.js';
import { cardOf } from './reading.js';

export interface CsvFile {
  readonly name: string;
  readonly text: string;
  /** Cells of each record by the names of their columns. */
  readonly records: readonly Readonly<Record<string, string>>[];
}

/** Presses a button and returns the file that the browser saves. */
export async function download(button: Locator): Promise<CsvFile> {
  const [file] = await Promise.all([button.page().waitForEvent('download'), button.click()]);
  // A text consumer would remove the byte order mark.
  const text = (await buffer(await file.createReadStream())).toString('utf8');
  const [header, ...records] = [...csvRecords(withoutMark(text))].map(({ fields }) => fields);
  return {
    ...{ name: file.suggestedFilename(), text },
    records: records.map((fields) =>
      Object.fromEntries(fields.map((cell, index) => [header?.[index] ?? '', cell])),
    ),
  };
}

/** Returns the CSV of the API. */
export async function csvOf(path: string): Promise<string> {
  const { headers, text } = await request(`${pageServices().serviceUrl}${path}`, {
    ...{ token: TOKEN, headers: { accept: 'text/csv' } },
  });
  expect(headers.get('content-type')).toMatch(/^text\/csv/);
  return text;
}

/** Removes the mark by which spreadsheets take a file for UTF-8. */
export const withoutMark = (csv: string): string => csv.replace(/^\uFEFF/, '');

/** Returns the button of a card that saves a CSV. @param label text of the button, where the card has several */
export function csvButtonOf(visit: Visit, card: string, title: string, label?: string): Locator {
  const name = visit.t.card.csvOf(title);
  return cardOf(visit, card).getByRole('button', {
    name: label === undefined ? name : `${label}: ${name}`,
    exact: true,
  });
}
