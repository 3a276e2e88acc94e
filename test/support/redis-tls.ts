import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Certificates } from './certificates.js';
import { startGuarded, temporaryDirectory, type GuardedProcess } from './processes.js';

/** Makes a redis-server listen for TLS as well, and demand a client certificate. */
export function tlsArguments(tls: Certificates, port: number): string[] {
  return toArguments(settings(tls, port));
}

/** Makes a redis-server listen for TLS as well, and reach its master by TLS. */
export function tlsPeerArguments(tls: Certificates, port: number): string[] {
  return toArguments(peerSettings(tls, port));
}

/** Starts a Sentinel that listens for TLS only, and watches a master by TLS. */
export async function startTlsSentinel(
  tls: Certificates,
  port: number,
  masterName: string,
  masterPort: number,
): Promise<GuardedProcess> {
  const directory = temporaryDirectory('sentinel-tls');
  const file = join(directory, 'sentinel.conf');
  const lines = [
    ...peerSettings(tls, port).map((setting) => setting.join(' ')),
    ...['port 0', 'bind 127.0.0.1', `dir ${directory}`],
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 1`,
    `sentinel failover-timeout ${masterName} 1000`,
  ];
  writeFileSync(file, lines.join('\n'));
  return startGuarded({ command: 'redis-server', args: [file, '--sentinel'], directory });
}

type Setting = [name: string, value: string];

function toArguments(list: readonly Setting[]): string[] {
  return list.flatMap(([name, value]) => [`--${name}`, value]);
}

/** A peer is a server to clients and a client to its master, so it trusts the authorities of both. */
function peerSettings(tls: Certificates, port: number): Setting[] {
  return [
    ...settings({ ...tls, certFile: String(tls.authoritiesFile) }, port),
    ['tls-replication', 'yes'],
    ['tls-client-cert-file', String(tls.certFile)],
    ['tls-client-key-file', String(tls.keyFile)],
  ];
}

function settings(tls: Certificates, port: number): Setting[] {
  return [
    ['tls-port', String(port)],
    ['tls-cert-file', tls.keyAndCertificateFile],
    ['tls-key-file', tls.keyAndCertificateFile],
    ['tls-ca-cert-file', String(tls.certFile)],
  ];
}
