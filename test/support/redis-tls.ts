import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TlsFiles } from '../../src/config/pem-files.js';
import type { Certificates } from './kafka/certificates.js';
import { startGuarded, temporaryDirectory, type GuardedProcess } from './processes.js';

/** Makes a redis-server listen for TLS as well, and demand a client certificate. */
export function tlsArguments(tls: Certificates, port: number): string[] {
  return settings(tls, port).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Returns the files of a client that the servers accept. */
export function tlsFilesOf({ caFile, certFile, keyFile }: Certificates): Required<TlsFiles> {
  const read = (file: string | undefined): string => readFileSync(String(file), 'utf8');
  return { ca: read(caFile), cert: read(certFile), key: read(keyFile) };
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
  const both = join(directory, 'authorities.pem');
  // It is a server to clients and a client to the master, so it trusts the authorities of both.
  writeFileSync(both, readFileSync(tls.caFile, 'utf8') + readFileSync(String(tls.certFile), 'utf8'));
  const lines = [
    ...settings({ ...tls, certFile: both }, port).map((setting) => setting.join(' ')),
    ...['port 0', 'bind 127.0.0.1', `dir ${directory}`, 'tls-replication yes'],
    `tls-client-cert-file ${tls.certFile}`,
    `tls-client-key-file ${tls.keyFile}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 1`,
  ];
  writeFileSync(file, lines.join('\n'));
  return startGuarded({ command: 'redis-server', args: [file, '--sentinel'], directory });
}

function settings(tls: Certificates, port: number): [name: string, value: string][] {
  return [
    ['tls-port', String(port)],
    ['tls-cert-file', tls.keyAndCertificateFile],
    ['tls-key-file', tls.keyAndCertificateFile],
    ['tls-ca-cert-file', String(tls.certFile)],
  ];
}
