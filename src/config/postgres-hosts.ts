/** Address of one PostgreSQL server. */
export interface PostgresHost {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 5432;
const AUTHORITY = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;

/**
 * Splits a URL whose authority names several hosts, as `postgresql://user:password@one:5432,two:5432/name` does.
 *
 * @returns the URL with its first host alone, and all hosts; null for a URL that is none
 */
export function splitPostgresHosts(
  text: string,
): { readonly url: string; readonly hosts: readonly PostgresHost[] } | null {
  const [, start, authority, rest] = AUTHORITY.exec(text) ?? [];
  if (start === undefined || authority === undefined || rest === undefined) return null;
  const names = authority.split(',');
  const hosts = names.map(toHost);
  const url = `${start}${names[0] ?? ''}${rest}`;
  if (!URL.canParse(url)) return null;
  if (names.length === 1) return { url, hosts: hosts.flatMap((host) => host ?? []) };
  return hosts.every((host) => host !== null) ? { url, hosts } : null;
}

/** Splits URLs that commas separate. A comma that no scheme follows belongs to the hosts of one URL. */
export function splitPostgresUrls(text: string | undefined): string[] {
  return (text ?? '')
    .split(/,(?=\s*(?:$|postgres(?:ql)?:\/\/))/)
    .map((url) => url.trim())
    .filter((url) => url !== '');
}

function toHost(name: string): PostgresHost | null {
  const address = `postgresql://${name}`;
  if (!URL.canParse(address)) return null;
  const { hostname, port } = new URL(address);
  if (hostname === '') return null;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? DEFAULT_PORT : Number(port) };
}
