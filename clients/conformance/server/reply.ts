/** Names what the server does with a request. */
export type Reply =
  /** Stores the events and answers with their verdicts; `reject` gives a code for some. */
  | {
      readonly kind: 'verdicts';
      readonly reject?: (event: { readonly n: number | undefined }) => string | null;
    }
  /** Answers with a problem of the service. */
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly code: string;
      readonly retryAfterSeconds?: number;
    }
  /** Answers as a proxy or the login page of a network would. */
  | { readonly kind: 'foreign'; readonly status: number; readonly type: string; readonly body: string }
  /** Stores the events and cuts the connection instead of answering. */
  | { readonly kind: 'lost' }
  /** Cuts the connection without storing anything. */
  | { readonly kind: 'reset' }
  /** Leaves the request without an answer until it is released, and answers with the verdicts then. */
  | { readonly kind: 'held' };

export const VERDICTS: Reply = { kind: 'verdicts' };

/** Holds what goes back over the connection. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
