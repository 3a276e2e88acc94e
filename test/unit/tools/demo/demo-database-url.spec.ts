import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { demoDatabaseUrl } from '../../../../tools/demo/demo-database-url.js';
import { DemoError } from '../../../../tools/demo/demo-service.js';

/** Makes a client without an address connect there. */
const FOREIGN = { PGHOST: 'real.example', PGPORT: '5432', PGDATABASE: 'real', PGPASSWORD: 'secret' };

describe("the address of the demo's database", () => {
  let directory: string;

  beforeEach(() => {
    Object.assign(process.env, FOREIGN);
    directory = mkdtempSync(join(tmpdir(), 'analytics-demo-url-'));
  });

  afterEach(() => {
    for (const name of Object.keys(FOREIGN)) Reflect.deleteProperty(process.env, name);
    rmSync(directory, { recursive: true, force: true });
  });

  const withPassword = (): void => writeFileSync(join(directory, 'owner-password'), 'p4ss\n');
  const withPort = (port: string): void =>
    writeFileSync(join(directory, 'postmaster.pid'), `1\n/data\n1\n${port}\n`);

  it('is that of the running server, whatever PGHOST says', () => {
    withPassword();
    withPort('17000');
    const { hostname, port, pathname } = new URL(demoDatabaseUrl(directory));
    expect({ hostname, port, pathname }).toEqual({
      hostname: '127.0.0.1',
      port: '17000',
      pathname: '/analytics',
    });
  });

  it.each([
    ['the password file is missing', [(): void => withPort('17000')]],
    ['the server does not run', [withPassword]],
    ['the server has no port yet', [withPassword, (): void => withPort('')]],
    ['the directory is empty', []],
  ])('is an error and no gap when %s', (_, steps) => {
    for (const step of steps) step();
    const find = (): string => demoDatabaseUrl(directory);
    expect(find).toThrow(DemoError);
    expect(find).toThrow(/not known: .*Nothing was written; .*--fresh/);
  });
});
