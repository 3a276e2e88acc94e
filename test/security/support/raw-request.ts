import { expect } from '@jest/globals';

import { exchange, type WireAnswer } from './wire.js';

/** Sends bytes on a connection of their own and expects one response. */
export async function exchangeOne(url: string, data: string): Promise<WireAnswer> {
  const { answers } = await exchange(url, data, { answers: 1 });
  expect({ data: data.slice(0, 300), answered: answers.length }).toMatchObject({ answered: 1 });
  return answers[0]!;
}

/** Returns a GET request that closes its connection. @param headers complete lines */
export function rawGet(target: string, headers = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
}
