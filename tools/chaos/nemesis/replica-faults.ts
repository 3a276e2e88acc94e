import type { Replica } from '../stage/replica.js';
import type { FaultAction } from './fault-action.js';

const JUMP_MS = 3_600_000;

/** Faults of the process of one replica. */
export const REPLICA_FAULTS = {
  'replica.kill': onReplica(async (replica) => {
    await replica.kill();
    return () => replica.start();
  }),
  // The shutdown takes its time while the load goes on.
  'replica.stop': onReplica(async (replica) => {
    const stopped = replica.stop();
    return async () => {
      await stopped;
      await replica.start();
    };
  }),
  'replica.upgrade': onReplica(async (replica) => {
    const stopped = replica.stop();
    return async () => {
      await stopped;
      replica.changeRelease();
      await replica.start();
    };
  }),
  'replica.freeze': onReplica(async (replica) => {
    replica.freeze();
    return async () => {
      replica.resume();
    };
  }),
  'clock.ahead': onReplica((replica) => jump(replica, JUMP_MS)),
  'clock.behind': onReplica((replica) => jump(replica, -JUMP_MS)),
} as const satisfies Record<string, FaultAction>;

function onReplica(act: (replica: Replica) => ReturnType<FaultAction>): FaultAction {
  return async ({ stage, replica }) => {
    const target = stage.replicas[replica];
    if (target === undefined) throw new RangeError(`There is no replica ${String(replica)}`);
    return act(target);
  };
}

async function jump(replica: Replica, ms: number): ReturnType<FaultAction> {
  replica.shiftClock(ms);
  return async () => {
    replica.shiftClock(0);
  };
}
