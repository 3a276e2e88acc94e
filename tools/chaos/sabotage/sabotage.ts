import type { HttpSender } from '../../simulation/delivery/http-client.js';
import type { Recorder } from '../history/recorder.js';
import type { Stage } from '../stage/stage.js';

export interface SabotageContext {
  readonly stage: Stage;
  readonly recorder: Recorder;
  /** The directory of the run. */
  readonly directory: string;
}

/** One way to break the promises of the service on purpose. */
export interface Sabotage {
  /** Begins before the load. */
  readonly begin?: (context: SabotageContext) => Promise<void>;
  /** Stands between the clients and a replica. */
  readonly wrap?: (http: HttpSender, replica: number) => HttpSender;
  /** Acts after the load, before the stores are read. */
  readonly afterLoad?: (context: SabotageContext) => Promise<void>;
}

/** A sabotage and the checks that must find it. */
export interface SeededFault extends Sabotage {
  readonly commits: string;
  readonly checks: readonly string[];
}

/** Commits all of them in one run. */
export function combine(faults: readonly Sabotage[]): Sabotage {
  return {
    begin: async (context) => {
      for (const { begin } of faults) await begin?.(context);
    },
    wrap: (http, replica) => faults.reduce((sender, { wrap }) => wrap?.(sender, replica) ?? sender, http),
    afterLoad: async (context) => {
      for (const { afterLoad } of faults) await afterLoad?.(context);
    },
  };
}
