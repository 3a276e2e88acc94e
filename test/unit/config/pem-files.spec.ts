import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

import { loadConfiguration } from '../../../src/config/configuration.js';
import type { RawEnvironment } from '../../../src/config/environment.js';
import { temporaryDirectory } from '../../support/processes.js';
import { problemsOf } from './problems-of.js';

const directory = temporaryDirectory('pem');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

function makePair(name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...request, '-subj', `/CN=${name}`, '-out', cert, '-keyout', key], {
    stdio: 'ignore',
  });
  return { cert, key };
}

const [client, other] = [makePair('client'), makePair('other')];
const certificate = readFileSync(client.cert, 'utf8');
const encrypted = join(directory, 'encrypted.key');
execFileSync('openssl', ['pkcs8', '-topk8', '-in', client.key, '-out', encrypted, '-passout', 'pass:secret']);

/** Each broken file, and what the message says of it. */
const BROKEN_CERTIFICATES: [what: string, path: string, problem: RegExp][] = [
  ['an empty file', file('empty', ''), /it has no line -----BEGIN CERTIFICATE-----/],
  ['a key instead', client.key, /it has no line -----BEGIN CERTIFICATE-----/],
  ['half a file', file('half', certificate.slice(0, 300)), /it ends within a certificate/],
  [
    'letters that were changed',
    file('changed', certificate.replace('MII', 'ABC')),
    /certificate 1 of 1 cannot be decoded/,
  ],
  [
    'a second certificate that is broken',
    file('second', certificate + certificate.replace('MII', 'ABC')),
    /certificate 2 of 2 cannot be decoded/,
  ],
];
const BROKEN_KEYS: [what: string, path: string, problem: RegExp][] = [
  ['a certificate instead', client.cert, /it has no line -----BEGIN PRIVATE KEY-----/],
  ['a passphrase', encrypted, /the key is encrypted, and the service has no passphrase/],
  [
    'letters that were changed',
    file('changed.key', readFileSync(client.key, 'utf8').replace('MIG', 'ABC')),
    /the key cannot be decoded/,
  ],
  ['the key of another certificate', other.key, /which belongs to another certificate/],
];

/** Every place that names such files: the certificates' variable with its setting, and what belongs to a key. */
const PLACES = [
  {
    of: 'Redis',
    on: { REDIS_HOST: 'a', REDIS_TLS: 'true' },
    names: ['REDIS_TLS_CA_FILE', 'REDIS_TLS_CERT_FILE', 'REDIS_TLS_KEY_FILE'],
  },
  {
    of: 'Kafka',
    on: { KAFKA_BROKERS: 'a:9092', KAFKA_SSL: 'true' },
    names: ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'],
  },
] as const;

const DATABASE_PLACES = ['DATABASE_URL', 'DATABASE_MIGRATION_URL', 'DATABASE_INGEST_URLS'] as const;

function urlWith(place: (typeof DATABASE_PLACES)[number], parameter: string, path: string): RawEnvironment {
  const url = 'postgresql://service:hidden@a/analytics';
  const cluster = { DATABASE_URL: url, CITUS: 'true' };
  return { ...cluster, [place]: `${url}?${parameter}=${encodeURIComponent(path)}` };
}

describe.each(PLACES)('the PEM files of $of', ({ of, on, names: [ca, cert, key] }) => {
  it('are taken when they are whole', () => {
    const env = { ...on, [ca]: other.cert, [cert]: client.cert, [key]: client.key };
    const { redis, kafka } = loadConfiguration(env);
    expect((of === 'Redis' ? redis : kafka)?.tls).toEqual({
      ca: readFileSync(other.cert, 'utf8'),
      cert: certificate,
      key: readFileSync(client.key, 'utf8'),
    });
  });

  it('stop the start without TLS, and when half a client certificate or a file is missing', () => {
    const [setting] = Object.entries(on)
      .filter(([, value]) => value === 'true')
      .map(([name]) => name);
    expect(problemsOf({ ...on, [String(setting)]: 'false', [ca]: client.cert })).toEqual([
      `${ca}: without effect unless ${setting} is true: set it, or remove them`,
    ]);
    expect(problemsOf({ ...on, [cert]: client.cert })).toEqual([
      `${cert} and ${key} belong together: set both or none`,
    ]);
    expect(problemsOf({ ...on, [ca]: '/nowhere/ca.pem' })).toEqual([
      `${ca} must name a readable file, it is "/nowhere/ca.pem" (ENOENT): correct the path or its rights`,
    ]);
  });

  it.each(BROKEN_CERTIFICATES)('stop the start with %s: authority', (_, path, problem) => {
    expect(problemsOf({ ...on, [ca]: path })).toEqual([expect.stringMatching(problem)]);
    const [message = ''] = problemsOf({ ...on, [ca]: path });
    expect(message).toContain(`${ca} must name a PEM file of certificates, it is "${path}": `);
    expect(message).toMatch(/\. Copy the file again from the authority that made it$/);
  });

  it.each(BROKEN_KEYS)('stop the start with %s: key', (_, path, problem) => {
    const [message = '', ...more] = problemsOf({ ...on, [cert]: client.cert, [key]: path });
    expect(more).toEqual([]);
    expect(message).toMatch(problem);
    expect(message.startsWith(`${key} must name `)).toBe(true);
  });
});

describe.each(DATABASE_PLACES)('the PEM files in %s', (place) => {
  it.each(BROKEN_CERTIFICATES)(
    'stop the start with %s, and nothing else of the URL is shown',
    (_, path, problem) => {
      for (const parameter of ['sslrootcert', 'sslcert']) {
        const [message = '', ...more] = problemsOf(urlWith(place, parameter, path));
        expect(more).toEqual([]);
        expect(message).toContain(
          `${place} (${parameter}) must name a PEM file of certificates, it is "${path}": `,
        );
        expect(message).toMatch(problem);
        expect(message).not.toContain('hidden');
      }
    },
  );

  it('stop the start when they are missing, and are taken when they are whole', () => {
    expect(problemsOf(urlWith(place, 'sslkey', '/nowhere/key.pem'))).toEqual([
      expect.stringMatching(/\(sslkey\) must name a readable file, it is "\/nowhere\/key.pem" \(ENOENT\)/),
    ]);
    expect(problemsOf(urlWith(place, 'sslrootcert', client.cert))).toEqual([]);
  });
});
