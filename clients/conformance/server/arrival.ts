export interface ArrivedEvent {
  readonly eventId: string;
  /** Number that the kit gave the event; undefined for events of the client's own. */
  readonly n: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RawRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** One request as it arrived. */
export interface Arrival {
  readonly route: 'events' | 'heartbeat';
  /** Time of the kit's clock, in milliseconds. */
  readonly atMs: number;
  readonly deviceMs: number;
  readonly token: string | null;
  /** User of the token; null without a token. */
  readonly tokenUser: string | null;
  readonly bytes: number;
  readonly sentAt: unknown;
  readonly events: readonly ArrivedEvent[];
  /** Mistake of the envelope; null when it is well-formed. */
  readonly mistake: string | null;
  /** Events that another open request holds as well. */
  readonly doubled: readonly string[];
  status: number | 'lost' | 'reset' | 'held';
  /** Time of the 200; null without one. */
  confirmedMs: number | null;
  /** Events that were rejected for the user of the token. */
  mismatched: readonly string[];
}
