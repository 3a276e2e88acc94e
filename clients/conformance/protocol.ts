/** One step that the kit asks of an adapter; one JSON object a line. README.md explains each. */
export type Step =
  | {
      readonly step: 'start';
      readonly url: string;
      /** Directory for everything that survives a restart. */
      readonly directory: string;
      /** Unix time of the device's clock, in milliseconds. */
      readonly nowMs: number;
      readonly maxQueuedEvents?: number;
    }
  | { readonly step: 'track'; readonly name: string; readonly properties: Readonly<Record<string, unknown>> }
  | { readonly step: 'login'; readonly userId: string }
  | { readonly step: 'logout' }
  | { readonly step: 'foreground' }
  | { readonly step: 'background' }
  | { readonly step: 'advance'; readonly ms: number }
  | { readonly step: 'setClock'; readonly byMs: number }
  | { readonly step: 'settle' };

/** An event that the client gave up. */
export interface Dropped {
  readonly eventId: string;
  readonly reason: string;
}

/** Answer to a step, once the client has nothing to do but wait for time or for the network. */
export interface Ack {
  readonly ok: boolean;
  readonly error?: string;
  /** Requests without an answer; adapters in real time leave it out. */
  readonly inFlight?: number;
  /** Events that were given up since the last answer. */
  readonly dropped?: readonly Dropped[];
}

/** Steps and reports that a client may lack; the rules that need them are not judged then. */
export type Ability = 'setClock' | 'setClockForward' | 'maxQueuedEvents' | 'dropped';

/** The first line of an adapter. */
export interface Hello {
  readonly protocol: 1;
  readonly time: 'virtual' | 'real';
  readonly lacks?: readonly Ability[];
}
