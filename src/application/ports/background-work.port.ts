/** Work that the service does by itself: jobs, relay, consumer. */
export interface BackgroundWork {
  /** Starts the work. Runs once the service listens, so that a start that fails changes nothing. */
  startWork(): void;
}

/** Each module that has such work provides a list of it. */
export const BACKGROUND_WORK = Symbol('BackgroundWork[]');
