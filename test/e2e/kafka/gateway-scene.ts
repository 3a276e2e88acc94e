import { expect } from '@jest/globals';

import { postJson } from '../../support/http.js';
import { contractFaults } from './session-faults.js';
import type { Stage } from './stage.js';
import { waitFor } from '../../support/processes.js';
import { ARRIVAL_MS, HEARTBEAT } from './topics.js';

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
