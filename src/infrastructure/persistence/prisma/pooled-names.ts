// PgBouncer before 1.21 passes prepared statements on and knows nothing of them: a name that one client made is known
// to that server alone, and to all clients there. docs/adr/0019 says what this saves.

const UNKNOWN_NAME = '26000';
const KNOWN_NAME = '42P05';

/** The driver's record of the names that the server of a connection knows. */
export interface NamesOfDriver {
  readonly parsedStatements: Record<string, string>;
}

interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * Corrects the driver's record after the answer of a server that knows other names.
 *
 * @returns true when the same statement may succeed now
 */
export function correctName(names: NamesOfDriver, statement: unknown, failure: unknown): boolean {
  if (!isNamed(statement)) return false;
  const code = (failure as { readonly code?: unknown } | undefined)?.code;
  if (code === UNKNOWN_NAME) Reflect.deleteProperty(names.parsedStatements, statement.name);
  else if (code === KNOWN_NAME) names.parsedStatements[statement.name] = statement.text;
  else return false;
  return true;
}

/** Returns the statement without its name, which every server takes. */
export function withoutName(statement: unknown): unknown {
  if (!isNamed(statement)) return statement;
  const { name: _, ...unnamed } = statement;
  return unnamed;
}

function isNamed(statement: unknown): statement is NamedStatement {
  return typeof statement === 'object' && statement !== null && 'name' in statement && 'text' in statement;
}
