import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { endsReady, errorMessage } from './messages.js';
import { StatementReader } from './statement-reader.js';

/** Treatment of connections that are made from then on. */
export type ProxyMode =
  /** passes everything on */
  | 'pass'
  /** sends the end of the session in one write with the server's first readiness */
  | 'cut-at-ready'
  /** takes connections and passes nothing on, as a machine that hangs does */
  | 'silent';

export interface PostgresProxy {
  mode: ProxyMode;
  /** Returns the URL by which a client comes through the proxy. */
  through(url: string): string;
  /** Leads new connections to another server, as an address that moves does. */
  leadTo(url: string): void;
  /** Passes nothing on over the connections that are open: their peers hear no end of them. */
  silence(): void;
  close(): Promise<void>;
}

/**
 * Stands between the service and a PostgreSQL server, and fails as networks do.
 *
 * @param onStatement receives the text of each statement that runs
 */
export async function startPostgresProxy(
  serverUrl: string,
  onStatement?: (text: string) => void,
): Promise<PostgresProxy> {
  let target = new URL(serverUrl);
  const links = new Set<Link>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const link: Link = { client, server: upstream, isSilent: proxy.mode === 'silent' };
    links.add(link);
    for (const [from, to] of [
      [link.client, link.server],
      [link.server, link.client],
    ] as const) {
      from.on('error', () => undefined);
      from.on('close', () => {
        // A silent network loses the end of a connection as well.
        if (!link.isSilent) to.destroy();
      });
    }
    const statements = onStatement === undefined ? null : new StatementReader(onStatement);
    client.on('data', (bytes) => {
      statements?.read(bytes);
      if (!link.isSilent) link.server.write(bytes);
    });
    if (proxy.mode === 'cut-at-ready') cutAtReady(link);
    else
      link.server.on('data', (bytes) => {
        if (!link.isSilent) client.write(bytes);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const proxy: PostgresProxy = {
    mode: 'pass',
    through: (url) => {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(address.port);
      return changed.href;
    },
    leadTo: (url) => {
      target = new URL(url);
    },
    silence: () => {
      for (const link of links) link.isSilent = true;
    },
    close: async () => {
      for (const { client, server: upstream } of links)
        for (const socket of [client, upstream]) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  isSilent: boolean;
}

function cutAtReady({ client, server }: Link): void {
  const held: Buffer[] = [];
  server.on('data', (bytes) => {
    const all = Buffer.concat([...held, bytes]);
    if (all[0] === 0x52 && !endsReady(all) && !hasParameters(all)) {
      // The exchange of the password goes to and fro.
      client.write(bytes);
      return;
    }
    held.push(bytes);
    if (!endsReady(all)) return;
    client.end(
      Buffer.concat([
        all,
        errorMessage('FATAL', '57P01', 'terminating connection due to administrator command'),
      ]),
    );
    server.destroy();
  });
}

/** True once the server has accepted the password and tells its parameters. */
function hasParameters(bytes: Buffer): boolean {
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1))
    if (bytes[at] === 0x53) return true;
  return false;
}
