/**
 * Says that a statement behind a pooler was not answered in time. It may have waited for a free server or run too
 * long; either way the database was too slow, and is not gone.
 */
export class LateStatement extends Error {
  override readonly name = 'LateStatement';

  constructor() {
    super('Query read timeout behind a pooler');
  }
}
