import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TlsFiles } from '../../src/config/pem-files.js';
import type { KafkaProxyOptions } from './kafka/proxy/proxy.js';
import { startGuarded, temporaryDirectory } from './processes.js';

export interface Certificates {
  readonly tls: NonNullable<KafkaProxyOptions['tls']>;
  readonly caFile: string;
  /** the server's key and certificate in one PEM file, as the stores read them */
  readonly keyAndCertificateFile: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** the authorities of server and client, for a program that is both */
  readonly authoritiesFile?: string;
}

/** Returns the files of a client that the servers accept. */
export function tlsFilesOf({ caFile, certFile, keyFile }: Certificates): Required<TlsFiles> {
  const read = (file: string | undefined): string => readFileSync(String(file), 'utf8');
  return { ca: read(caFile), cert: read(certFile), key: read(keyFile) };
}

/**
 * Makes a certificate for the server, and one for the client on request; each is its own authority.
 *
 * @param stops collects the calls that remove the files
 * @param names the hosts and addresses of the certificates
 */
export async function makeCertificates(
  clientCertificates: boolean,
  stops: (() => Promise<void>)[],
  names = 'DNS:localhost,IP:127.0.0.1',
): Promise<Certificates> {
  const directory = temporaryDirectory('tls');
  const make = async (name: string): Promise<{ cert: string; key: string }> => {
    const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
    const openssl = await startGuarded({
      command: 'openssl',
      args: [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, '-days', '2'],
        ...['-out', cert, '-keyout', key],
      ],
      directory,
      installHint: 'Tests of TLS make their certificates with it.',
    });
    stops.push(() => openssl.stop());
    if ((await openssl.end()).code !== 0) throw new Error(`openssl has failed:\n${openssl.output()}`);
    return { cert, key };
  };
  const server = await make('server');
  const tls = { cert: readFileSync(server.cert), key: readFileSync(server.key) };
  const keyAndCertificateFile = join(directory, 'server-chain.pem');
  writeFileSync(keyAndCertificateFile, Buffer.concat([tls.key, tls.cert]));
  if (!clientCertificates) return { tls, caFile: server.cert, keyAndCertificateFile };
  const client = await make('client');
  const authoritiesFile = join(directory, 'authorities.pem');
  writeFileSync(authoritiesFile, Buffer.concat([tls.cert, readFileSync(client.cert)]));
  return {
    tls: { ...tls, ca: readFileSync(client.cert), requestCert: true, rejectUnauthorized: true },
    caFile: server.cert,
    keyAndCertificateFile,
    certFile: client.cert,
    keyFile: client.key,
    authoritiesFile,
  };
}
