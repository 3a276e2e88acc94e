import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, type Answer } from '../support/http.js';
import { temporaryDirectory, waitFor } from '../support/processes.js';
import { startBuilt, type Program, type Settings } from '../support/service.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ORIGIN = 'https://admin.example.com';
const PRODUCTION = { NODE_ENV: 'production', HOST: '127.0.0.1', KAFKA_BROKERS: '127.0.0.1:1' };
const SCRIPT = 'assets/index-AbCd1234.js';

let directory: string;
let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  // A copy of the service, whose page the tests may change.
  directory = temporaryDirectory('dashboard');
  cpSync(join(ROOT, 'dist/src'), join(directory, 'dist/src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
});

afterAll(async () => {
  await deployment?.remove();
  rmSync(directory, { recursive: true, force: true });
});

const pathOf = (file: string): string => join(directory, 'dist/web', file);

function build(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(pathOf(file)), { recursive: true });
    writeFileSync(pathOf(file), 'content');
  }
}

interface Copy {
  readonly program: Program;
  get(path: string): Promise<Answer>;
}

/** Starts the copy with the page that is built at this moment. */
async function start(env: Settings): Promise<Copy> {
  const main = pathToFileURL(join(directory, 'dist/src/main.js')).href;
  const program = await startBuilt(main, [], { ...deployment.settings, ...env });
  const [, url = ''] = await waitFor(() => /Listening on (http:\/\/[\d.:]+)/.exec(program.output()), 30_000);
  return { program, get: (path) => request(`${url}${path}`, { headers: { origin: ORIGIN } }) };
}

describe('a service whose page is not built', () => {
  it.each([{ NODE_ENV: 'development' }, PRODUCTION])(
    'says so, and does everything else (%o)',
    async (env) => {
      const { program, get } = await start(env);
      expect(program.output()).toMatch(/page at \/dashboard is not built.*npm run build.*DASHBOARD=false/);
      expect(program.output()).not.toContain('#token=');
      for (const path of ['/', '/dashboard']) expectProblem(await get(path), 404, 'route_not_found');
      expect((await get('/health/live')).status).toBe(200);
      expect(await program.stop()).toBe(0);
    },
  );
});

describe('a built page', () => {
  let copy: Copy;

  beforeAll(async () => {
    build('index.html', SCRIPT, '.env', '.vite/manifest.json');
    copy = await start({ ...PRODUCTION, CORS_ORIGINS: ORIGIN });
  });

  afterAll(() => copy?.program.stop());

  it('holds no hidden file and none that appears later', async () => {
    build('later.js');
    for (const path of ['.env', '.vite/manifest.json', 'later.js'])
      expect({ path, status: (await copy.get(`/dashboard/${path}`)).status }).toEqual({ path, status: 404 });
  });

  it('answers 404 that nobody keeps for a file that has gone since the start', async () => {
    const path = `/dashboard/${SCRIPT}`;
    expect((await copy.get(path)).headers.get('cache-control')).toContain('immutable');
    rmSync(pathOf(SCRIPT));
    const gone = await copy.get(path);
    expectProblem(gone, 404, 'route_not_found');
    expect(gone.headers.get('cache-control')).toBe('no-store');
  });

  it('varies by origin as well where other origins may call', async () => {
    const { status, headers } = await copy.get('/dashboard');
    expect(status).toBe(200);
    const vary = headers.get('vary')!.toLowerCase();
    expect(vary.split(/, ?/).sort()).toEqual(['accept-encoding', 'origin']);
  });

  it('writes no token into the log of a production service', () => {
    expect(copy.program.output()).not.toMatch(/#token=|export TOKEN|eyJ/);
  });
});
