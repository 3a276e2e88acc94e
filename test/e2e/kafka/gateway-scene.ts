import { expect } from '@jest/globals';

import { event, nowSeconds } from '../../support/events.js';
import { postJson, request, signToken } from '../../support/http.js';
import { post } from './requests.js';
import { contractFaults } from './session-faults.js';
import type { Stage } from './stage.js';
import { waitFor } from '../../support/processes.js';
import { ARRIVAL_MS, HEARTBEAT, SESSION } from './topics.js';

const KEY = 'the-key-of-the-gateways-of-the-platform';
const USERS = 1_000;

/** Reports a thousand users in one request, a tenth of them without an install. */
export async function publishHeartbeatsOfGateway(stage: Stage): Promise<void> {
  const service = await stage.start(stage.kafka, { INTERNAL_API_KEY: KEY });
  const heartbeats = Array.from({ length: USERS - 1 }, (_, i) => ({
    userId: String(i + 1),
    ...(i % 10 !== 0 && { installId: `install-${i + 1}` }),
  }));
  const answer = await postJson(
    `${service.url}/internal/presence/heartbeats`,
    { heartbeats: [{ userId: 0 }, ...heartbeats] },
    { headers: { 'x-internal-api-key': KEY } },
  );
  expect(answer).toMatchObject({ status: 200, body: { accepted: USERS - 1, failed: 1 } });
  const beats = async () => (await stage.published()).filter(({ key }) => key === HEARTBEAT);
  await waitFor(async () => (await beats()).length >= USERS - 1, ARRIVAL_MS, {
    what: 'the heartbeats arrive',
    intervalMs: 200,
  });
  await stage.stop(service);
  const published = await beats();
  expect(published.flatMap((message) => contractFaults(message))).toEqual([]);
  const found = published.map(({ value }) => {
    const { userId, installId } = (value as { payload: { userId: string; installId: string } }).payload;
    return `${userId} ${installId}`;
  });
  const expected = heartbeats.map(({ userId, installId = `account:${userId}` }) => `${userId} ${installId}`);
  expect(found.sort()).toEqual(expected.sort());
}

/** Reports users with `KAFKA_HEARTBEATS=none`: they are online, and a session alone is published. */
export async function publishNoHeartbeats(stage: Stage): Promise<void> {
  const service = await stage.start(stage.kafka, { INTERNAL_API_KEY: KEY, KAFKA_HEARTBEATS: 'none' });
  const headers = { 'x-internal-api-key': KEY };
  const heartbeats = [{ userId: '1' }, { userId: '2' }];
  const answer = await postJson(`${service.url}/internal/presence/heartbeats`, { heartbeats }, { headers });
  expect(answer).toMatchObject({ status: 200, body: { accepted: 2 } });
  const token = signToken({ userId: '3' });
  const body = { installId: 'install-00000003', appVersion: '1', clientTs: nowSeconds() };
  expect((await postJson(`${service.url}/presence/heartbeat`, body, { token })).status).toBe(200);
  expect((await request(`${service.url}/presence/online-count`, { token })).body).toMatchObject({ count: 3 });
  await post(service, [event()]);
  await waitFor(async () => (await stage.published()).some(({ key }) => key === SESSION), ARRIVAL_MS, {
    what: 'the session arrives',
  });
  // The stop publishes what a buffer may hold.
  await stage.stop(service);
  const ofDevices = (await stage.published()).filter(({ key }) => key === SESSION || key === HEARTBEAT);
  expect(ofDevices.map(({ key }) => key)).toEqual([SESSION]);
}
