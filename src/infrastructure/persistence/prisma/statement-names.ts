/** Names prepared statements: one text has one name on all connections, so each connection parses it once. */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** @param sql constant text: a name is kept for the life of the process */
  nameOf(sql: string): string {
    let name = this.names.get(sql);
    if (name === undefined) {
      name = `statement_${this.names.size + 1}`;
      this.names.set(sql, name);
    }
    return name;
  }
}
