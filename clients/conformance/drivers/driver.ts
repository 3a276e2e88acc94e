import type { Ack, Hello, Step } from '../protocol.js';
import type { ScriptedServer } from '../server/scripted-server.js';

/** Plays the steps of a scenario on a client. */
export interface Driver {
  readonly hello: Hello;
  /** Address that the client is to use. */
  readonly url: string;
  /** @throws Error when the adapter cannot do the step */
  send(step: Step): Promise<Ack>;
  /** Ends the app without a warning; a `start` follows. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the driver of one scenario. */
export type MakeDriver = (server: ScriptedServer) => Promise<Driver>;
