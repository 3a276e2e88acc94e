import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { COMMANDS } from '../../tools/commands.js';

jest.setTimeout(60_000);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMPILED = COMMANDS.filter(({ program }) => program.startsWith('dist/'));

let trap: Server;
let connections = 0;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'command-lines-'));
  trap = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  const { port } = trap.address() as AddressInfo;
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(port),
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    EMBEDDED_POSTGRES_DIRECTORY: join(directory, 'postgres'),
  };
});

afterAll(() => {
  trap.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Result {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, ...argv: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--no-warnings', program, ...argv],
      { cwd: ROOT, env },
      (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      },
    );
  });
}

const CALLS = [
  ...COMMANDS.map(
    ({ definition }) =>
      [`npm run ${definition.name}`, definition.name, ['tools/run-command.mjs', definition.name]] as const,
  ),
  ...COMPILED.map(({ definition, program }) => [`node ${program}`, definition.name, [program]] as const),
];

describe('node dist/src/main.js', () => {
  it('prints its help, or the mistake with exit code 2, and starts nothing', async () => {
    const [help, wrong] = await Promise.all([
      run('dist/src/main.js', '--help'),
      run('dist/src/main.js', '--port=80'),
    ]);
    expect(help).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: npm start\n/), stderr: '' });
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Unexpected argument "--port=80"\nUsage: npm start\n/),
    });
    expect(connections).toBe(0);
    expect(existsSync(join(directory, 'postgres'))).toBe(false);
  });
});

describe.each(CALLS)('%s', (_, name, [program, ...first]) => {
  const call = (argument: string): Promise<Result> => run(program ?? '', ...first, argument);

  it('prints its help, or the mistake with exit code 2, and touches nothing', async () => {
    const builtMs = statSync(join(ROOT, 'dist/src/main.js')).mtimeMs;
    const [help, wrong] = await Promise.all([call('--help'), call('--no-such-option')]);
    expect(help).toEqual({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Usage: npm run ${name}\\b`)),
      stderr: '',
    });
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^Unknown option .+\\nUsage: npm run ${name}\\b.*\\nIts help: .+\\n$`),
      ),
    });
    expect(connections).toBe(0);
    expect(existsSync(join(directory, 'postgres'))).toBe(false);
    expect(statSync(join(ROOT, 'dist/src/main.js')).mtimeMs).toBe(builtMs);
  });
});
