import { sleep } from '../../processes.js';
import type { Request } from './wire.js';

const LEADER_WAITS_AT_MOST_MS = 1_000;
const READ_WITHIN_MS = 20;

/**
 * Delays the SyncGroup request of a group's leader until its followers have sent theirs.
 * librdkafka's mock cluster closes a generation with the leader's request and rejects later ones.
 */
export class Followers {
  // Counts followers by group and generation.
  private readonly followers = new Map<string, number>();

  /** Resolves when the request may be passed on. */
  async admit({ version, body }: Request): Promise<void> {
    const round = `${body.string()} ${body.int32()}`;
    // Skips the ids of the member.
    body.string();
    if (version >= 3) body.string();
    // The leader sends an assignment for each member, its followers send none.
    const members = body.int32();
    if (members === 0) {
      this.followers.set(round, (this.followers.get(round) ?? 0) + 1);
    } else if (members > 1) {
      const deadline = performance.now() + LEADER_WAITS_AT_MOST_MS;
      while ((this.followers.get(round) ?? 0) < members - 1 && performance.now() < deadline) await sleep(5);
      await sleep(READ_WITHIN_MS);
    }
  }
}
