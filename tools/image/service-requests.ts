import jwt from 'jsonwebtoken';
import { formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { CheckFailedError } from '../support/check-steps.js';

const REQUEST_TIMEOUT_MS = 10_000;
export const INSTALL_ID = 'phone-of-li-wei';

type Json = Readonly<Record<string, unknown>>;

/** Sends one event and one heartbeat, and reads back one user online and one active user of the day. */
export async function exerciseService(url: string, jwtSecret: string): Promise<void> {
  const clientTs = Math.floor(Date.now() / 1000);
  const token = jwt.sign({ userId: '42' }, jwtSecret, { algorithm: 'HS256', expiresIn: '1m' });
  const authorization = { authorization: `Bearer ${token}` };
  const events = [{ eventName: 'app_session_start', installId: INSTALL_ID, clientTs }];
  const heartbeat = { installId: INSTALL_ID, appVersion: '1.0.0', clientTs };

  await expectAnswer(`${url}/analytics/events`, post({ events }), { accepted: 1 });
  await expectAnswer(`${url}/presence/heartbeat`, post(heartbeat, authorization), { ok: true });
  await expectAnswer(`${url}/presence/online-count`, { headers: authorization }, { count: 1 });
  const day = formatToDateKey(new Date(clientTs * 1000));
  const dau = `${url}/analytics/dau?startDate=${day}&endDate=${day}`;
  await expectAnswer(dau, { headers: authorization }, { total: 1 });
}

/** Loads the page as a browser does, from the address of the service to each file that the document names. */
export async function loadPage(url: string): Promise<void> {
  const document = await load(`${url}/`);
  const files = [...document.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map(([, path]) => path ?? '');
  if (files.length === 0) throw new CheckFailedError(`The page names no files:\n${document}`);
  for (const file of files) await load(`${url}${file}`);
}

async function load(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await response.text();
  if (response.ok) return text;
  throw new CheckFailedError(`${url}: expected 200, got ${response.status}: ${text}`);
}

function post(body: Json, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** @throws CheckFailedError unless the answer is successful and has the expected properties */
async function expectAnswer(url: string, init: RequestInit, expected: Json): Promise<void> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const answer = (await response.json()) as Json;
  const isExpected = Object.entries(expected).every(([name, value]) => answer[name] === value);
  if (!response.ok || !isExpected) {
    throw new CheckFailedError(
      `${url}: expected ${JSON.stringify(expected)}, got ${response.status}: ${JSON.stringify(answer)}`,
    );
  }
}
