import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { asOwner } from '../support/as-owner.js';
import { eventAtNoon } from '../support/builders.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import { initialize, makeDataDirectory, writeFor } from '../support/postgres/data-directory.js';
import { freePort } from '../support/processes.js';

// Refused connections are logged, which would hide other output.
Logger.overrideLogger(false);

const PASSWORD = 'of-the-test';
const DATABASE = 'analytics_test_tls';

/** Roles of the server; all but `postgres`, by which the tests set it up, must come over TLS. */
const ACCESS = `
host    all postgres         127.0.0.1/32 scram-sha-256
hostssl all with_certificate 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
hostssl all all              127.0.0.1/32 scram-sha-256
`;
const ROLES_SQL = `
CREATE ROLE service LOGIN PASSWORD '${PASSWORD}' IN ROLE analytics_service;
CREATE ROLE with_certificate LOGIN PASSWORD '${PASSWORD}' IN ROLE analytics_service;
`;
const OWN_CONNECTION_SQL = 'SELECT ssl, client_dn AS "client" FROM pg_stat_ssl WHERE pid = pg_backend_pid()';

const stops: (() => Promise<void>)[] = [];
const replicas: Replica[] = [];
let tls: Certificates;
let server: PostgresServer;
let applied: string[];

beforeAll(async () => {
  // The certificate names the host alone, so it is refused where the server is named by its address.
  tls = await makeCertificates(true, stops, 'DNS:localhost');
  const from = await makeDataDirectory();
  await initialize(from);
  const [pair, authority] = [join(from.data, 'server.pem'), join(from.data, 'clients.pem')];
  writeFor(from, pair, readFileSync(tls.keyAndCertificateFile, 'utf8'));
  writeFor(from, authority, readFileSync(String(tls.certFile), 'utf8'));
  writeFor(from, join(from.data, 'pg_hba.conf'), ACCESS);
  const settings = { ssl: 'on', ssl_cert_file: pair, ssl_key_file: pair, ssl_ca_file: authority };
  server = await startPostgresServer({ from, settings });
  stops.push(() => server.stop());
  await asOwner(server.ownerUrl, async (owner) => {
    await owner.query(`CREATE ROLE migrator LOGIN SUPERUSER PASSWORD '${PASSWORD}'`);
    await owner.query(`CREATE DATABASE ${DATABASE} OWNER migrator`);
  });
  applied = await runMigrations({ databaseUrl: urlOf('migrator', secure()) });
  await asOwner(server.ownerUrl, (owner) => owner.query(ROLES_SQL));
});

afterEach(() => Promise.all(replicas.splice(0).map((replica) => replica.close())));

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** Returns parameters that encrypt and check the certificate; by default of the server's own authority. */
function secure(files: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: tls.caFile });
  for (const [name, path] of Object.entries(files)) parameters.set(name, String(path));
  return `?${parameters.toString()}`;
}

function urlOf(role: string, parameters: string, hosts = `localhost:${server.port}`): string {
  return `postgresql://${role}:${PASSWORD}@${hosts}/${DATABASE}${parameters}`;
}

function open(...url: Parameters<typeof urlOf>): Replica {
  const replica = openReplica(urlOf(...url));
  replicas.push(replica);
  return replica;
}

/** Expects that an event is stored, and returns what the server says of the connection. */
async function useOf(replica: Replica): Promise<unknown> {
  expect(await replica.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
  const [connection] = await replica.prisma.statementForRequest(OWN_CONNECTION_SQL);
  return connection;
}

describe('a PostgreSQL that takes the service over TLS alone', () => {
  it('is migrated, and takes events of a client that trusts its authority', async () => {
    expect(applied).not.toEqual([]);
    expect(await useOf(open('service', secure()))).toEqual({ ssl: true, client: null });
  });

  it('takes a client that shows the certificate which is demanded, and no other', async () => {
    const certificate = { sslcert: tls.certFile, sslkey: tls.keyFile };
    const { ssl, client } = (await useOf(open('with_certificate', secure(certificate)))) as Record<
      string,
      unknown
    >;
    expect({ ssl, client }).toEqual({ ssl: true, client: '/CN=client' });
    const without = open('with_certificate', secure());
    expect(await rejectionOf(without.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
      code: 'database_unavailable',
      cause: { message: expect.stringContaining('requires a valid client certificate') },
    });
  });

  it('is refused when another authority has signed its certificate, or the URL names another host', async () => {
    const refusals = [
      { parameters: secure({ sslrootcert: tls.certFile }), reason: /certificate/ },
      { parameters: secure(), hosts: `127.0.0.1:${server.port}`, reason: /IP: 127\.0\.0\.1|altnames/ },
    ];
    for (const { parameters, hosts, reason } of refusals) {
      const replica = open('service', parameters, hosts);
      expect(await rejectionOf(replica.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
        code: 'database_unavailable',
        cause: { message: expect.stringMatching(reason) },
      });
    }
  });

  it('refuses a client whose URL does not ask for TLS', async () => {
    const replica = open('service', '');
    expect(await rejectionOf(replica.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
      code: 'database_unavailable',
      cause: { message: expect.stringContaining('no encryption') },
    });
  });

  it('is found among several hosts, and each certificate is checked against the host that showed it', async () => {
    const hosts = [`localhost:${await freePort()}`, `127.0.0.1:${server.port}`, `localhost:${server.port}`];
    const parameters = `${secure()}&target_session_attrs=read-write`;
    expect(await useOf(open('service', parameters, hosts.join(',')))).toEqual({ ssl: true, client: null });
    const wrong = open('service', parameters, hosts.slice(0, 2).join(','));
    expect(await rejectionOf(wrong.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
      code: 'database_unavailable',
    });
  });
});
