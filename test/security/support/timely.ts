import { expect } from '@jest/globals';

import type { Answer } from '../../support/http.js';

/** Bounds every response, during outages and attacks too, on a busy machine. */
export const BOUND_MS = 5_000;

/** Waits for a response and expects it within {@link BOUND_MS}. */
export async function expectTimely(pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
  return answer;
}

/** Sends requests one after the other, because their order decides which ones exceed a limit. */
export async function statusesOf(times: number, send: (i: number) => Promise<Answer>): Promise<number[]> {
  const result: number[] = [];
  for (let i = 0; i < times; i++) result.push((await send(i)).status);
  return result;
}

/** Returns a list of `length` times 200. */
export function allOk(length: number): number[] {
  return Array.from({ length }, () => 200);
}

let addresses = 0;

/** Returns an unused address of a range for documentation (RFC 5737). */
export function freshAddress(): string {
  return `198.51.100.${++addresses}`;
}
