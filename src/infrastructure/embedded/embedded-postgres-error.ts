/** What went wrong, stable for callers that decide by it; the message is written for the person at the terminal. */
export type EmbeddedPostgresErrorCode =
  /** the package with the PostgreSQL programs for this platform is not installed */
  | 'binaries-missing'
  /** the programs are there and do not run (missing libraries, wrong permissions, wrong libc) */
  | 'binaries-unusable'
  /** running as root, and there is no ordinary OS user to run PostgreSQL as */
  | 'no-os-user'
  /** the OS user that runs PostgreSQL cannot reach the data directory */
  | 'unreachable-directory'
  /** the data directory holds something that is not ours to start, or belongs to another user */
  | 'unusable-data'
  /** another program listens on the port */
  | 'port-in-use'
  | 'init-failed'
  | 'start-failed'
  | 'timeout';

export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
