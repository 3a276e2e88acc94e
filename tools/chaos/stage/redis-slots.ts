import type { Redis } from 'ioredis';
import { pause } from '../../simulation/delivery/pause.js';
import { withRedisAt } from './redis-store.js';

interface Master {
  readonly id: string;
  readonly port: number;
}

const KEYS_AT_MOST = 1_000;
const MIGRATE_TIMEOUT_MS = 5_000;
/** A slot stays half moved for so long, so that clients meet it. */
const HALF_MOVED_FOR_MS = 20;

/**
 * Moves the slots that have keys from one master to another, one after the other, until `stop` aborts.
 *
 * @returns how many slots have moved
 */
export async function moveSlots(
  from: Master,
  to: Master,
  others: readonly number[],
  slots: readonly number[],
  stop: AbortSignal,
): Promise<number> {
  let moved = 0;
  await withRedisAt(from.port, (source) =>
    withRedisAt(to.port, async (target) => {
      for (const slot of await withKeys(source, slots)) {
        if (stop.aborted) return;
        await moveSlot({ slot, source, target, from, to });
        for (const port of others)
          await withRedisAt(port, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id));
        moved += 1;
      }
    }),
  );
  return moved;
}

async function withKeys(source: Redis, slots: readonly number[]): Promise<number[]> {
  const counts = await Promise.all(slots.map((slot) => source.call('CLUSTER', 'COUNTKEYSINSLOT', slot)));
  return slots.filter((_, index) => Number(counts[index]) > 0);
}

async function moveSlot(move: {
  readonly slot: number;
  readonly source: Redis;
  readonly target: Redis;
  readonly from: Master;
  readonly to: Master;
}): Promise<void> {
  const { slot, source, target, from, to } = move;
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  await pause(HALF_MOVED_FOR_MS);
  for (;;) {
    const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_MOST)) as string[];
    if (keys.length === 0) break;
    await source.call('MIGRATE', '127.0.0.1', to.port, '', 0, MIGRATE_TIMEOUT_MS, 'KEYS', ...keys);
  }
  await pause(HALF_MOVED_FOR_MS);
  // The target first: then no node sends a client to one that does not serve the slot.
  for (const client of [target, source]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
}
