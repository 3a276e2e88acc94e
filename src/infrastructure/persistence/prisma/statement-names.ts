import { createHash } from 'node:crypto';

const HASH_CHARACTERS = 32;

/**
 * Names prepared statements by their texts: one text has one name in all processes of all versions, because a pooler
 * gives one server to all of them.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** @param sql constant text: a name is kept for the life of the process */
  nameOf(sql: string): string {
    let name = this.names.get(sql);
    if (name === undefined) {
      name = `analytics_${createHash('sha256').update(sql).digest('hex').slice(0, HASH_CHARACTERS)}`;
      this.names.set(sql, name);
    }
    return name;
  }
}
