import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, it } from '@jest/globals';

import { DEAD_LETTER_SCENES } from '../support/event-consumer/dead-letter-scenes.js';
import { DELIVERY_SCENES } from '../support/event-consumer/delivery-scenes.js';
import { LAG_SCENES } from '../support/event-consumer/lag-scenes.js';
import { OUTAGE_SCENES } from '../support/event-consumer/outage-scenes.js';
import { Scene, type ScenePlan } from '../support/event-consumer/scene.js';
import { SHUTDOWN_SCENES } from '../support/event-consumer/shutdown-scenes.js';
import { UNAVAILABLE_DEPENDENCY_SCENES } from '../support/event-consumer/unavailable-dependency-scenes.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

// One file runs every scene, because scenes mostly wait and run beside each other.
const scenes: readonly ScenePlan[] = [
  ...DELIVERY_SCENES,
  ...DEAD_LETTER_SCENES,
  ...UNAVAILABLE_DEPENDENCY_SCENES,
  ...SHUTDOWN_SCENES,
  ...OUTAGE_SCENES,
  ...LAG_SCENES,
];
let shared: ProxiedKafka;

beforeAll(async () => {
  shared = await startKafka();
});

afterAll(() => shared.stop());

async function perform({ play, alone }: ScenePlan): Promise<void> {
  const kafka = alone ? await startKafka() : shared;
  const scene = new Scene(kafka);
  try {
    await play(scene);
  } finally {
    if (alone) kafka.restore();
    await scene.end();
    if (alone) await kafka.stop();
  }
}

/** The results by title: the first test starts every scene, and each test awaits its own. */
const results = new Map<string, Promise<void>>();

it.each(scenes.map(({ title }) => title))(
  '%s',
  async (title) => {
    if (results.size === 0) {
      for (const scene of scenes) {
        const result = perform(scene);
        result.catch(() => undefined); // its own test reports the failure
        results.set(scene.title, result);
      }
    }
    await results.get(title);
  },
  120_000,
);
