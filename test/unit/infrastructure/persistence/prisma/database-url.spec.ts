import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from '../../../../../src/infrastructure/persistence/prisma/database-url.js';

const URL = 'postgresql://service:secret@localhost:5432/analytics';

describe('parseDatabaseUrl', () => {
  it('keeps a URL without parameters', () => {
    expect(parseDatabaseUrl(URL)).toEqual({
      connectionString: URL,
      hosts: [],
      schema: 'public',
      isPooled: false,
      options: '',
    });
  });

  it('removes the parameters of Prisma and keeps those of the driver', () => {
    const { connectionString } = parseDatabaseUrl(
      `${URL}?schema=public&sslmode=require&connection_limit=5&pool_timeout=2&pgbouncer=true`,
    );
    expect(connectionString).toBe(`${URL}?sslmode=require`);
  });

  it('leaves no time limit of the URL to the driver, and hands over its startup options', () => {
    const limits = 'statement_timeout=1&query_timeout=1&lock_timeout=1&idle_in_transaction_session_timeout=1';
    expect(parseDatabaseUrl(`${URL}?${limits}&options=-c%20geqo%3Doff&application_name=a`)).toMatchObject({
      connectionString: `${URL}?application_name=a`,
      options: '-c geqo=off',
    });
  });

  it('returns the schema', () => {
    expect(parseDatabaseUrl(`${URL}?schema=analytics`).schema).toBe('analytics');
  });

  it('recognises a pooler', () => {
    expect(parseDatabaseUrl(`${URL}?pgbouncer=true`).isPooled).toBe(true);
    expect(parseDatabaseUrl(`${URL}?pgbouncer=false`).isPooled).toBe(false);
  });

  const [ONE, TWO] = [
    { host: 'one', port: 5432 },
    { host: '::1', port: 6000 },
  ];

  it('names the hosts among which the one that takes writes is searched', () => {
    const url =
      'postgresql://service:p%40ss@one,[::1]:6000/analytics?target_session_attrs=read-write&sslmode=require';
    expect(parseDatabaseUrl(url)).toMatchObject({
      connectionString: 'postgresql://service:p%40ss@one/analytics?sslmode=require',
      hosts: [ONE, TWO],
    });
    expect(parseDatabaseUrl('postgresql://one,[::1]:6000/analytics').hosts).toEqual([ONE, TWO]);
  });

  it('asks the only host whether it takes writes when the URL says so', () => {
    expect(parseDatabaseUrl(`${URL}?target_session_attrs=primary`).hosts).toEqual([
      { host: 'localhost', port: 5432 },
    ]);
  });

  it.each(['postgresql://one:a,two/name', 'postgresql://one,/name', 'mysql://one/name'])(
    'rejects %p',
    (url) => {
      expect(() => parseDatabaseUrl(url)).toThrow(TypeError);
    },
  );

  it.each(['Analytics', 'a b', 'a;b', '1a'])('rejects the schema %p', (name) => {
    expect(() => parseDatabaseUrl(`${URL}?schema=${encodeURIComponent(name)}`)).toThrow(TypeError);
  });
});
