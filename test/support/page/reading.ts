import type { Locator } from 'playwright-core';

import type { Visit } from './dashboard.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Describes a table of the browser; tests know no types of the DOM. */
interface TableElement {
  readonly tBodies: readonly {
    readonly rows: Iterable<{ readonly cells: Iterable<{ readonly innerText: string }> }>;
  }[];
}

/** Returns the card of a figure by its title. */
export function cardOf({ page }: Visit, title: string): Locator {
  return page.getByRole('region', { name: title, exact: true });
}

/** Opens the table behind a chart and returns the texts of its rows, without the heading. */
export async function rowsOf(visit: Visit, title: string): Promise<string[][]> {
  const card = cardOf(visit, title);
  const table = card.getByRole('table', { name: visit.t.chart.table(title), exact: true });
  if (!(await table.isVisible())) await card.getByText(visit.t.card.showTable).click();
  await table.waitFor();
  // One call reads all rows at the same moment.
  return table.evaluate((element: TableElement) =>
    [...(element.tBodies[0]?.rows ?? [])].map((row) => [...row.cells].map((cell) => cell.innerText.trim())),
  );
}

/** Reads `1,234`, `12.3%` or `66.9 %`; null for a cell that says that there is no data. */
export function numberIn(text: string): number | null {
  const digits = text.replaceAll(/[,\s%]/g, '');
  return /^-?\d+(\.\d+)?$/.test(digits) ? Number(digits) : null;
}

/** Returns `2026-11-27` of `Fri, 27 Nov 2026` or `Fri 27 Nov 2026`. */
export function dayIn(text: string): string {
  const [, day = '', month = '', year = ''] = /(\d{1,2}) (\w{3})\w* (\d{4})/.exec(text) ?? [];
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}
