import { expect } from '@jest/globals';

import { event } from '../../support/events.js';
import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';
import { lengthOf } from '../../support/kafka/topics.js';
import { sleep, waitFor } from '../../support/processes.js';
import { Crowd } from './crowd.js';
import { blockWrites, waitForDisconnect, whileLanesAreHeld } from './database-gates.js';
import { metric, post, promptHeartbeats, readiness } from './requests.js';
import { expectAllPublished, sessionFaults } from './session-faults.js';
import type { Stage } from './stage.js';
import { ARRIVAL_MS, BIGGEST_ID } from './topics.js';

/** Exceeds every time limit of the service's Kafka client. */
const FROZEN_MS = 12_000;
const CUT_MS = 5_000;

/** Freezes the broker for longer than every time limit of the client. */
export async function freezeBroker(stage: Stage): Promise<void> {
  const service = await stage.start();
  const crowd = new Crowd(1_000);
  await crowd.post(2, service);
  const frozenWhileSending = crowd.post(6, service);
  await waitFor(() => crowd.sent.length >= 2_500, ARRIVAL_MS, { intervalMs: 1 });
  stage.kafka.freeze();
  try {
    const since = Date.now();
    const before = crowd.sent.length;
    await frozenWhileSending;
    await promptHeartbeats(service);
    expect(await readiness(service)).toMatchObject({
      httpStatus: 200,
      status: 'degraded',
      dependencies: { database: 'up', kafka: 'down' },
    });
    await sleep(FROZEN_MS - (Date.now() - since));
    await waitFor(() => metric(service, 'analytics_outbox_rows_total', { outcome: 'failed' }), ARRIVAL_MS, {
      what: 'the relay has failed once, after all its attempts',
      intervalMs: 100,
    });
    // No broker can have acknowledged the events of the outage.
    expect(await stage.waiting()).toBeGreaterThanOrEqual(crowd.sent.length - before);
  } finally {
    stage.kafka.thaw();
  }
  await crowd.post(2, service);
  await stage.drained();
  await stage.stop(service);
  expect(crowd.sent).toHaveLength(10_000);
  await expectAllPublished(stage, crowd);
}

/** Cuts and refuses all connections, twice. */
export async function cutConnectionsTwice(stage: Stage): Promise<void> {
  const service = await stage.start();
  const crowd = new Crowd(1_000);
  for (let time = 1; time <= 2; time++) {
    const target = crowd.sent.length + 1_000;
    const sending = crowd.post(4, service);
    await waitFor(() => crowd.sent.length >= target, ARRIVAL_MS, { intervalMs: 1 });
    stage.kafka.interrupt();
    const since = Date.now();
    const before = crowd.sent.length;
    await sending;
    await sleep(CUT_MS - (Date.now() - since));
    const waiting = await stage.waiting();
    expect(waiting).toBeGreaterThanOrEqual(crowd.sent.length - before);
    stage.kafka.restore();
    // The relay reconnects on its own before the next cut.
    await waitFor(async () => (await stage.waiting()) < waiting, ARRIVAL_MS, { intervalMs: 50 });
  }
  await crowd.post(2, service);
  await stage.drained();
  await stage.stop(service);
  expect(crowd.sent).toHaveLength(10_000);
  await expectAllPublished(stage, crowd);
}

/** Loses the broker for good and continues with another one. */
export async function replaceBroker(stage: Stage, shared: ProxiedKafka): Promise<void> {
  const crowd = new Crowd(500);
  const first = await stage.start();
  await crowd.post(3, first);
  const sending = crowd.post(4, first);
  await waitFor(() => crowd.sent.length >= 2_000, ARRIVAL_MS, { intervalMs: 1 });
  stage.kafka.interrupt();
  await sending;
  await stage.stop(first);

  const before = await stage.published();
  const waiting = await stage.waitingIds();
  const safe = new Set([...before.map(({ headers }) => headers['event-id']), ...waiting]);
  expect(crowd.sent.filter(({ eventId }) => !safe.has(eventId))).toEqual([]);
  expect(waiting.length).toBeGreaterThan(0);

  const second = await stage.start(shared);
  await crowd.post(3, second);
  await stage.drained();
  await stage.stop(second);
  const after = await stage.published(shared);
  // An external cluster is shared by all scenes, and then both clusters are the same one.
  const isOther = shared.steadyBrokers !== stage.kafka.steadyBrokers;
  expect(crowd.sent).toHaveLength(5_000);
  expect(sessionFaults(crowd.sent, isOther ? [...before, ...after] : after)).toEqual([]);
  const arrived = new Set(after.map(({ headers }) => headers['event-id']));
  expect(waiting.filter((id) => !arrived.has(id))).toEqual([]);
}

/** Runs two replicas on one database and one topic. */
export async function publishFromTwoReplicas(stage: Stage): Promise<void> {
  const services = await Promise.all([stage.start(), stage.start()]);
  const crowd = new Crowd(1_000);
  // The backlog exceeds one batch, so that both replicas publish and neither wins by speed.
  await whileLanesAreHeld(stage, () => crowd.post(9, ...services));
  await crowd.post(1, ...services);
  await stage.drained();
  const failures = await Promise.all(
    services.map((service) => metric(service, 'analytics_outbox_rows_total', { outcome: 'failed' })),
  );
  await Promise.all(services.map((service) => stage.stop(service)));
  expect(crowd.sent).toHaveLength(10_000);
  await expectAllPublished(stage, crowd);
  // The replicas publish no event twice, unless an attempt failed.
  if (failures.every((count) => count === 0)) expect(await stage.sessionIds()).toHaveLength(10_000);
}

/** Kills the relay between the acknowledgement of a batch and its removal from the outbox. */
export async function killRelayBeforeCommit(stage: Stage): Promise<void> {
  const held = await blockWrites(stage, 'UPDATE', 'analytics_outbox_lanes');
  const crowd = new Crowd(1_000);
  const first = await stage.start();
  // A sender that finds an empty lane sleeps until the other one is done.
  await whileLanesAreHeld(stage, () => crowd.post(10, first));
  // Each of the two senders has published a batch and is about to commit.
  await waitFor(async () => (await held.waiting()) === 2, ARRIVAL_MS, {
    what: 'both senders are at the gate',
  });
  await stage.kill(first);
  await held.open();
  await waitForDisconnect(stage);
  const early = await stage.sessionIds();
  expect(early.length).toBeGreaterThan(0);
  expect(await stage.waiting()).toBe(10_000);

  const second = await stage.start();
  await stage.drained();
  await stage.stop(second);
  await expectAllPublished(stage, crowd);
  const ids = await stage.sessionIds();
  expect(ids).toHaveLength(10_000 + early.length);
  expect(new Set(ids).size).toBe(10_000);
}

/** Reads 64-bit ids with a client that is written in C. */
export async function readLargeIdsWithKcat(stage: Stage, shared: ProxiedKafka): Promise<void> {
  const service = await stage.start();
  const sent = [BIGGEST_ID, '9007199254740993'].map((userId) => event({ userId }));
  await post(service, sent);
  await stage.drained();
  const count = await lengthOf(shared.steadyBrokers, stage.topic);
  const { lines } = await readTopicWithKcat(shared.steadyBrokers, stage.topic, { count });
  for (const { userId, eventId } of sent) {
    expect(lines.find((line) => line.includes(eventId))).toContain(`\\"userId\\":\\"${userId}\\"`);
  }
  expect(sessionFaults(sent, await stage.published())).toEqual([]);
  await stage.stop(service);
}
