/** Tells callers that the service is about to end, while it still serves every request. */
export interface IShutdownNotice {
  readonly isAnnounced: boolean;
  announce(): void;
}

export const SHUTDOWN_NOTICE = Symbol('IShutdownNotice');
