/** Tells an app about what was not delivered; for logs and metrics of the app's developers. */
export type ClientReport =
  | {
      /** The service refused the event for good; it is dropped. */
      readonly kind: 'event_rejected';
      readonly eventId: string;
      readonly code: string;
      readonly message: string;
    }
  | {
      /** The queue was full; the event is dropped. */
      readonly kind: 'event_evicted';
      readonly eventId: string;
      readonly eventName: string;
    }
  | {
      /** The storage failed: the event is in memory only, or a delivered event will be sent again. */
      readonly kind: 'storage_failed';
      readonly error: unknown;
    }
  | {
      /** A stored text cannot be read; it is removed. */
      readonly kind: 'record_unreadable';
      readonly key: string;
    }
  | {
      /** A request failed and is repeated later; status 0 means that no answer arrived. */
      readonly kind: 'attempt_failed';
      readonly status: number;
      readonly code: string | null;
      readonly waitMs: number;
    };

export type Report = (report: ClientReport) => void;
