/** Kind of a failure, for callers that decide by it; the message is for the person at the terminal. */
export type EmbeddedPostgresErrorCode =
  /** The package with the PostgreSQL programs for this platform is not installed. */
  | 'binaries-missing'
  /** The programs do not run (missing libraries, wrong permissions, wrong libc). */
  | 'binaries-unusable'
  /** The process is root, and no ordinary OS user exists to run PostgreSQL as. */
  | 'no-os-user'
  /** The OS user that runs PostgreSQL cannot reach the data directory. */
  | 'unreachable-directory'
  /** The data directory contains other files, or belongs to another user. */
  | 'unusable-data'
  /** Another program listens on the port. */
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
