import { setTimeout } from 'node:timers/promises';

import { signToken } from '../../test/support/http.js';

const MAX_REQUESTS = 30;
const RETRY_MS = 100;

/** Sends a request again as long as it is answered 503. @returns the number of requests */
export async function askUntilAnswered(url: string): Promise<number> {
  const headers = { authorization: `Bearer ${signToken({ sub: '1' })}` };
  for (let requests = 1; ; requests++) {
    const response = await fetch(url, { headers });
    const text = await response.text();
    if (response.status === 200) return requests;
    if (response.status !== 503 || requests === MAX_REQUESTS)
      throw new Error(`GET ${url}: ${response.status} after ${requests} requests: ${text.slice(0, 300)}`);
    await setTimeout(RETRY_MS);
  }
}
