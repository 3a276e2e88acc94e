import { randomUUID } from 'node:crypto';

import { expect } from '@jest/globals';

import { event, nowSeconds, shanghaiDay } from '../../support/events.js';
import { postJson, request, signToken, type Answer } from '../../support/http.js';
import { OwnerDatabase } from '../../support/owner-database.js';
import { waitForRecovery } from '../../support/recovery.js';
import { settings, type Service, type Settings } from '../../support/service.js';
import type { SentBatch } from '../support/load.js';

/** Adds to the service's own bound of 2 s what a busy machine may need. */
export const BOUND_MS = 2000 + 1500;

/** The defaults of production. Limits wait for Redis as well, so faults are tried with them. */
export const PRODUCTION_LIMITS = { RATE_LIMIT_PER_ADDRESS: '6000', RATE_LIMIT_PER_INSTALL: '120' };

/** Returns settings for the given servers with {@link PRODUCTION_LIMITS}. */
export function limitedSettings(servers: Parameters<typeof settings>[0]): Settings {
  return { ...settings(servers), ...PRODUCTION_LIMITS };
}

const admin = signToken({ userId: '1' });

export interface Verdict {
  readonly accepted: number;
  readonly duplicates: number;
}

/** Waits for an answer and expects it within {@link BOUND_MS}. */
async function expectTimely(pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
  return answer;
}

export function send(service: Service, events: readonly unknown[] = [event()]): Promise<Answer> {
  return expectTimely(postJson(`${service.url}/analytics/events`, { events }));
}

export function beat(service: Service, userId = '5'): Promise<Answer> {
  const body = { installId: `install-${randomUUID()}`, appVersion: '1', clientTs: nowSeconds() };
  return expectTimely(postJson(`${service.url}/presence/heartbeat`, body, { token: signToken({ userId }) }));
}

export function get(service: Service, path: string): Promise<Answer> {
  return expectTimely(request(`${service.url}${path}`, { token: admin }));
}

export function dauToday(service: Service): Promise<Answer> {
  return get(service, `/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`);
}

export async function liveDau(service: Service): Promise<number> {
  const { body } = await get(service, '/analytics/dau/realtime');
  return (body as { dauCount: number }).dauCount;
}

export async function exactDau(service: Service): Promise<number> {
  const { body } = await dauToday(service);
  return (body as { data: { dauCount: number }[] }).data[0]?.dauCount ?? 0;
}

/** Repeats a request until it returns 200. */
export async function expectRecovery(send: () => Promise<Answer>): Promise<void> {
  await waitForRecovery(async () => (await send()).status === 200, {
    what: 'the service recovers on its own',
  });
}

/** Returns the ids that have no row in the event log. */
export async function findMissing(ownerUrl: string, ids: readonly string[]): Promise<string[]> {
  const database = await OwnerDatabase.connect(ownerUrl);
  const rows = await database.events(ids);
  await database.close();
  return ids.filter((_, index) => rows[index] === undefined);
}

/** Resends every batch that was not answered with 200, and expects each event to be stored or known. */
export async function resendFailed(service: Service, sent: readonly SentBatch[]): Promise<void> {
  for (const { events, status } of sent) {
    if (status === 200) continue;
    const { body } = await send(service, events);
    const { accepted, duplicates } = body as Verdict;
    expect(accepted + duplicates).toBe(events.length);
  }
}
