import { readFileSync } from 'node:fs';

/** PEM texts of a TLS client. Without `ca` the authorities of the system are trusted. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface PemPaths {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** @throws when a file cannot be read */
export function readPemFiles(paths: PemPaths): TlsFiles {
  const read = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : readFileSync(path, 'utf8');
  const [ca, cert, key] = [read(paths.ca), read(paths.cert), read(paths.key)];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
