import { expect } from '@jest/globals';

import { signToken } from '../../support/http.js';
import { subscribe } from '../../support/kafka/subscriber.js';
import { sleep, waitFor } from '../../support/processes.js';
import { Load } from '../support/load.js';
import { Crowd } from './crowd.js';
import { beat, promptHeartbeats, readiness, type Beat } from './requests.js';
import { contractFaults, expectAllPublished, missingBeats } from './session-faults.js';
import type { Stage } from './stage.js';
import { ARRIVAL_MS, BIGGEST_ID, HEARTBEAT, SESSION } from './topics.js';

/** Adds two seconds to the service's own drain limit of 15 s. */
const STOP_BOUND_MS = 15_000 + 2_000;

/** Stops the service while its broker is frozen. */
export async function stopWhileBrokerIsFrozen(stage: Stage): Promise<void> {
  const crowd = new Crowd(200);
  const service = await stage.start();
  await crowd.post(1, service);
  await promptHeartbeats(service);
  await stage.drained();
  stage.kafka.freeze();
  try {
    await crowd.post(2, service);
    await promptHeartbeats(service);
    // The relay needs a moment until it waits for an acknowledgement.
    await sleep(1_000);
    const begin = Date.now();
    await stage.stop(service);
    expect(Date.now() - begin).toBeLessThan(STOP_BOUND_MS);
    expect(await stage.waiting()).toBe(400);
  } finally {
    stage.kafka.thaw();
  }
  const successor = await stage.start();
  await stage.drained();
  await stage.stop(successor);
  await expectAllPublished(stage, crowd);
}

/** Stops the service under load of batches and heartbeats. */
export async function stopUnderLoad(stage: Stage): Promise<void> {
  const service = await stage.start();
  const load = new Load(service.url, { clients: 4, batchSize: 20 });
  const accepted: Beat[] = [];
  const beating = Array.from({ length: 4 }, async (_, i) => {
    const userId = String(BigInt(BIGGEST_ID) - BigInt(i));
    const token = signToken({ userId });
    for (;;) {
      const one = await beat(service, userId, token).catch(() => undefined);
      // The service has ended and closed the connection.
      if (one === undefined) return;
      expect({ status: one.answer.status, text: one.answer.text }).toMatchObject({ status: 200 });
      accepted.push(one.beat);
    }
  });
  await waitFor(() => load.answered > 100 && accepted.length > 200, ARRIVAL_MS, { intervalMs: 1 });
  const begin = Date.now();
  await stage.stop(service);
  expect(Date.now() - begin).toBeLessThan(STOP_BOUND_MS);
  await Promise.all(beating);
  const sent = await load.result();
  expect(sent.filter(({ status }) => status !== 200 && status !== 503 && status !== undefined)).toEqual([]);
  const sessions = sent.filter(({ status }) => status === 200).flatMap(({ events }) => events);

  const published = await stage.published();
  const beats = published.filter(({ key }) => key === HEARTBEAT);
  expect(beats.flatMap(contractFaults)).toEqual([]);
  expect(missingBeats(accepted, beats)).toEqual([]);
  const safe = new Set([
    ...published.map(({ headers }) => headers['event-id']),
    ...(await stage.waitingIds()),
  ]);
  expect(sessions.filter(({ eventId }) => !safe.has(eventId))).toEqual([]);

  const successor = await stage.start();
  await stage.drained();
  await stage.stop(successor);
  // The service may have stored a batch that it did not answer.
  const possible = sent.flatMap(({ events, status }) => (status === 200 ? [] : events));
  const ids = new Set((await stage.published()).map(({ headers }) => headers['event-id']));
  const stored = possible.filter(({ eventId }) => ids.has(eventId));
  await expectAllPublished(stage, { sent: [...sessions, ...stored] });
}

/** Starts the service before its broker. */
export async function startBeforeBroker(stage: Stage): Promise<void> {
  stage.kafka.interrupt();
  const service = await stage.start();
  const crowd = new Crowd(200);
  await crowd.post(3, service);
  await promptHeartbeats(service);
  const dependencies = { database: 'up', kafka: 'down' };
  expect(await readiness(service)).toMatchObject({ httpStatus: 200, status: 'degraded', dependencies });
  await crowd.post(2, service);
  expect(await stage.waiting()).toBe(1_000);

  stage.kafka.restore();
  await stage.drained();
  expect(await readiness(service)).toMatchObject({ httpStatus: 200, status: 'ok' });
  const beats = await promptHeartbeats(service);
  const subscriber = await subscribe(stage.kafka.steadyBrokers, stage.topic, {
    validate: (message) => {
      expect(contractFaults(message)).toEqual([]);
    },
  });
  try {
    await subscriber.messages(SESSION, 1_000);
    await waitFor(() => missingBeats(beats, subscriber.received).length === 0, ARRIVAL_MS, {
      what: 'the heartbeats arrive',
    });
  } finally {
    await subscriber.close();
  }
  await stage.stop(service);
  await expectAllPublished(stage, crowd);
}
