import { isIPv6 } from 'node:net';
import { splitList } from './split-list.js';

export const DEFAULT_REDIS_PORT = 6379;
export const DEFAULT_SENTINEL_PORT = 26_379;

export interface Address {
  readonly host: string;
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[\w.-]+))(?::(?<port>\d{1,5}))?$/;

/**
 * Reads `host`, `host:port`, `[IPv6]:port` and IPv6 addresses, separated by commas.
 *
 * @returns null when an entry is none of these, or the list is empty
 */
export function parseAddresses(text: string, defaultPort: number): readonly Address[] | null {
  const addresses = splitList(text).map((entry) => parseAddress(entry, defaultPort));
  if (addresses.length === 0) return null;
  return addresses.every((address) => address !== null) ? addresses : null;
}

function parseAddress(text: string, defaultPort: number): Address | null {
  if (isIPv6(text)) return { host: text, port: defaultPort };
  const { ipv6, host = ipv6, port } = HOST_AND_PORT.exec(text)?.groups ?? {};
  if (host === undefined || (ipv6 !== undefined && !isIPv6(ipv6))) return null;
  const number = port === undefined ? defaultPort : Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number } : null;
}
