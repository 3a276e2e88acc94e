import { expect } from '@jest/globals';

import { daysAgo, shanghaiDay } from '../events.js';
import { request } from '../http.js';
import { waitFor } from '../processes.js';
import { adminToken, PAGE_MS } from './dashboard.js';
import { pageServices } from './page-services.js';

/** An admin's token of the file. */
export const TOKEN = adminToken();

export interface Days<T> {
  readonly data: readonly ({ readonly day: string; readonly isFinal: boolean } & T)[];
}

/** Asks the shared service. @throws Error unless the answer is 200 */
export async function ask<T>(path: string): Promise<T> {
  const { status, body, text } = await request(`${pageServices().serviceUrl}${path}`, {
    token: TOKEN,
  });
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return body as T;
}

/** The days that the page shows, today included. */
export const rangeOf = (days: number): string => `startDate=${daysAgo(days - 1)}&endDate=${shanghaiDay()}`;
/** The page shows one decimal. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Waits until the page shows what the service answers; both are asked again, because both go on. */
export async function expectSame<T>(read: () => Promise<T>, answer: () => Promise<T>): Promise<void> {
  const isSame = async (): Promise<boolean> => {
    try {
      expect(await read()).toEqual(await answer());
      return true;
    } catch {
      return false;
    }
  };
  // The last comparison says what differs.
  // Reading tables too often would keep the page from changing.
  if (!(await waitFor(isSame, PAGE_MS, { intervalMs: 150 }).catch(() => false)))
    expect(await read()).toEqual(await answer());
}
