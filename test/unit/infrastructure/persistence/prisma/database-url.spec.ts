import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from '../../../../../src/infrastructure/persistence/prisma/database-url.js';

const URL = 'postgresql://service:secret@localhost:5432/analytics';

describe('parseDatabaseUrl', () => {
  it('keeps a URL without parameters', () => {
    expect(parseDatabaseUrl(URL)).toEqual({ connectionString: URL, schema: null, isPooled: false });
  });

  it('removes the parameters of Prisma and keeps those of the driver', () => {
    const { connectionString } = parseDatabaseUrl(
      `${URL}?schema=public&sslmode=require&connection_limit=5&pool_timeout=2&pgbouncer=true`,
    );
    expect(connectionString).toBe(`${URL}?sslmode=require`);
  });

  it.each([
    ['analytics', 'analytics'],
    ['public', null],
  ])('returns the schema %s as %s', (name, schema) => {
    expect(parseDatabaseUrl(`${URL}?schema=${name}`).schema).toBe(schema);
  });

  it('recognises a pooler', () => {
    expect(parseDatabaseUrl(`${URL}?pgbouncer=true`).isPooled).toBe(true);
    expect(parseDatabaseUrl(`${URL}?pgbouncer=false`).isPooled).toBe(false);
  });

  it.each(['Analytics', 'a b', 'a;b', '1a'])('rejects the schema %p', (name) => {
    expect(() => parseDatabaseUrl(`${URL}?schema=${encodeURIComponent(name)}`)).toThrow(TypeError);
  });
});
