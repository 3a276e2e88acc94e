import { randomUUID } from 'node:crypto';

import { event, nowSeconds, type WireEvent } from '../../support/events.js';
import type { Service } from '../../support/service.js';
import { post } from './requests.js';

const BATCH_SIZE = 100;
const SENDERS = 3;

/**
 * Posts sessions of users, and of installs without a user, in rounds: one session of each subject a round.
 * A subject's next session is sent after its previous one was answered, in batches of 100.
 */
export class Crowd {
  /** sessions that were answered with 200, those of one subject in the order they happened */
  readonly sent: WireEvent[] = [];
  private readonly groups: readonly (readonly Partial<WireEvent>[])[];
  private readonly begin = Math.floor(nowSeconds()) - 600;
  private round = 0;
  private turn = 0;

  constructor(subjects: number) {
    // User ids need the upper half of 64 bits.
    const first = 2n ** 62n + BigInt(Math.floor(Math.random() * 1e9)) * 100_000n;
    const subjectFields = Array.from({ length: subjects }, (_, i) => ({
      installId: `install-${randomUUID()}`,
      ...(i % 10 !== 0 && { userId: String(first + BigInt(i)) }),
    }));
    this.groups = Array.from({ length: Math.ceil(subjects / BATCH_SIZE) }, (_, i) =>
      subjectFields.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
    );
  }

  /** Posts rounds to the services in turn. */
  async post(rounds: number, ...services: readonly Service[]): Promise<void> {
    const [from, to] = [this.round, (this.round += rounds)];
    const groups = [...this.groups];
    const sender = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        for (let round = from; round < to; round++) {
          const events = group.map((subject) =>
            event({ ...subject, clientTs: this.begin + round, properties: { appVersion: '1.0', os: 'iOS' } }),
          );
          await post(services[this.turn++ % services.length]!, events);
          this.sent.push(...events);
        }
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  }
}
