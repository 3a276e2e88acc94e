import { Client } from 'pg';

import { DatabaseConnection } from '../../../src/infrastructure/persistence/prisma/database-connection.js';
import { brokenRules } from './statement-rules.js';

/** Names of the watched databases, each with the statements that broke a rule there. */
const watched = new Map<string, Set<string>>();

/**
 * Checks every statement that the adapters send to the database against what a cluster takes. The SQL of the tests
 * themselves goes over other connections.
 */
export function watchStatements(database: string): void {
  if (watched.size === 0) installHook();
  watched.set(database, new Set());
}

/** Ends the watch. @throws Error that lists the statements that broke a rule */
export function judgeStatements(database: string): void {
  const broken = watched.get(database) ?? new Set();
  watched.delete(database);
  if (broken.size > 0)
    throw new Error(`A cluster would refuse these statements:\n${[...broken].join('\n\n')}`);
}

function installHook(): void {
  const original = Client.prototype.query;
  Client.prototype.query = function (this: Client, ...call: unknown[]): never {
    if (this instanceof DatabaseConnection) inspect(this.database, textOf(call[0]));
    return Reflect.apply(original, this, call) as never;
  };
}

/** Migrations change what is distributed, so only a cluster can judge them. */
function inspect(database: string | undefined, sql: string): void {
  if (sql.startsWith('-- Up Migration')) return;
  const broken = watched.get(database ?? '');
  for (const rule of broken === undefined ? [] : brokenRules(sql)) broken?.add(`${rule}: ${sql}`);
}

/** Returns the text of a statement as the driver takes it: alone, or as a field of an object. */
export function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { readonly text: string }).text;
}
