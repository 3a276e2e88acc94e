import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

const DOCUMENT = new URL('../../docs/security.md', import.meta.url);

/** Returns the rules that docs/security.md gives to the service's user, without its name and password. */
export function documentedAclRules(): string[] {
  const rules = /^ACL SETUSER analytics on ('?>[^ ]+) ([^`]+?)^```/m.exec(
    readFileSync(DOCUMENT, 'utf8'),
  )?.[2];
  if (rules === undefined) throw new Error('docs/security.md has no ACL SETUSER analytics');
  return rules.split(/[\s\\]+/).filter(Boolean);
}

/** Returns the commands that rules allow, as `INFO commandstats` names them. */
export function allowedCommands(rules: readonly string[]): string[] {
  return rules.filter((rule) => rule.startsWith('+')).map((rule) => rule.slice(1));
}

/** Runs work on a connection of the default user, which may do everything. */
export async function asAdministrator<T>(
  { host, port }: { readonly host: string; readonly port: number },
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis({ host, port });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Returns the commands that the server has run or refused since `CONFIG RESETSTAT`. */
export async function commandsOf(client: Redis): Promise<string[]> {
  const lines = (await client.info('commandstats')).split('\r\n');
  return lines.flatMap((line) => /^cmdstat_([^:]+):/.exec(line)?.[1] ?? []);
}
