import { afterAll, beforeAll, it } from '@jest/globals';

import { startKafka, type ProxiedKafka } from '../../support/kafka/cluster.js';
import { Stage } from './stage.js';

/** Acts on its own stage; `shared` is the cluster of the scenes that do not disturb theirs. */
export type Play = (stage: Stage, shared: ProxiedKafka) => Promise<void>;

export interface SceneOptions {
  /** true for a scene that disturbs its Kafka and therefore needs a cluster of its own */
  readonly alone?: boolean;
  /** number of services that the scene runs at a time, by default 1 */
  readonly services?: number;
}

interface Scene extends Required<SceneOptions> {
  readonly title: string;
  readonly play: Play;
}

const SCENE_TIMEOUT_MS = 300_000;
/** Limits how many services of all scenes run at a time. */
const SEATS = 4;

const scenes: Scene[] = [];

/** Registers a test that mostly waits and therefore runs beside the others; the longest scene comes first. */
export function scene(title: string, { alone = false, services = 1 }: SceneOptions, play: Play): void {
  scenes.push({ title, play, alone, services });
}

/** Registers one test for each scene; the first test starts all scenes, and each test awaits its own. */
export function runScenes(): void {
  const seats = new Seats(SEATS);
  const endings = new Map<string, Promise<void>>();
  let shared: ProxiedKafka;

  beforeAll(async () => {
    shared = await startKafka();
  });

  afterAll(() => shared?.stop());

  it.each(scenes.map(({ title }) => title))(
    '%s',
    async (title) => {
      if (endings.size === 0) {
        for (const each of scenes) {
          const ending = perform(each, seats, shared);
          ending.catch(() => undefined); // the test of the scene reports the error
          endings.set(each.title, ending);
        }
      }
      await endings.get(title);
    },
    SCENE_TIMEOUT_MS,
  );
}

async function perform({ play, alone, services }: Scene, seats: Seats, shared: ProxiedKafka): Promise<void> {
  await seats.take(services);
  const kafka = alone ? await startKafka() : shared;
  try {
    const stage = await Stage.open(kafka);
    try {
      await play(stage, shared);
    } finally {
      await stage.close();
    }
  } finally {
    if (alone) await kafka.stop();
    seats.leave(services);
  }
}

/** Limits the services that run at a time; the first to ask is the first to start. */
class Seats {
  private readonly queue: { readonly wanted: number; readonly enter: () => void }[] = [];

  constructor(private free: number) {}

  async take(wanted: number): Promise<void> {
    await new Promise<void>((enter) => {
      this.queue.push({ wanted, enter });
      this.admit();
    });
  }

  leave(seats: number): void {
    this.free += seats;
    this.admit();
  }

  private admit(): void {
    for (let next = this.queue[0]; next && next.wanted <= this.free; next = this.queue[0]) {
      this.free -= next.wanted;
      this.queue.shift();
      next.enter();
    }
  }
}
