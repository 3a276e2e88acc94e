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

/** Runs the work beside a service with the built files. */
async function withService(
  env: Settings,
  work: (get: (path: string) => Promise<Answer>, program: Program) => Promise<void>,
): Promise<void> {
  const main = pathToFileURL(join(directory, 'dist/src/main.js')).href;
  const program = await startBuilt(main, [], { ...deployment.settings, ...env });
  try {
    const [, url = ''] = await waitFor(
      () => /Listening on (http:\/\/[\d.:]+)/.exec(program.output()),
      30_000,
    );
    await work(
      (path) => request(`${url}${path}`, { headers: { origin: 'https://admin.example.com' } }),
      program,
    );
  } finally {
    await program.stop();
    rmSync(join(directory, 'dist/web'), { recursive: true, force: true });
  }
}

describe('a service whose page is not built', () => {
  it.each(['development', 'production'])('says so, and does everything else (%s)', async (stage) => {
    const env = { NODE_ENV: stage, KAFKA_BROKERS: '127.0.0.1:1' };
    await withService({ ...env, HOST: '127.0.0.1' }, async (get, program) => {
      expect(program.output()).toMatch(/page at \/dashboard is not built.*npm run build.*DASHBOARD=false/);
      expect(program.output()).not.toContain('#token=');
      for (const path of ['/', '/dashboard']) expectProblem(await get(path), 404, 'route_not_found');
      expect((await get('/health/live')).status).toBe(200);
    });
  });
});

describe('a built page', () => {
  it('holds no hidden file and none that appears later', async () => {
    build('index.html', '.env', '.vite/manifest.json');
    await withService({}, async (get) => {
      build('later.js');
      for (const path of ['.env', '.vite/manifest.json', 'later.js'])
        expect({ path, status: (await get(`/dashboard/${path}`)).status }).toEqual({ path, status: 404 });
    });
  });

  it('answers 404 that nobody keeps for a file that has gone since the start', async () => {
    build('index.html', SCRIPT);
    await withService({}, async (get) => {
      expect((await get(`/dashboard/${SCRIPT}`)).headers.get('cache-control')).toContain('immutable');
      rmSync(pathOf(SCRIPT));
      const gone = await get(`/dashboard/${SCRIPT}`);
      expectProblem(gone, 404, 'route_not_found');
      expect(gone.headers.get('cache-control')).toBe('no-store');
    });
  });

  it('varies by origin as well where other origins may call', async () => {
    build('index.html');
    await withService({ CORS_ORIGINS: 'https://admin.example.com' }, async (get) => {
      const { headers } = await get('/dashboard');
      const vary = headers.get('vary')!.toLowerCase();
      expect(vary.split(/, ?/).sort()).toEqual(['accept-encoding', 'origin']);
    });
  });

  it('writes no token into the log of a production service', async () => {
    build('index.html');
    const env = {
      NODE_ENV: 'production',
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: '1',
      KAFKA_BROKERS: '127.0.0.1:1',
    };
    await withService({ ...env, HOST: '127.0.0.1' }, async (get, program) => {
      expect((await get('/dashboard')).status).toBe(200);
      expect(program.output()).not.toMatch(/#token=|export TOKEN|eyJ/);
    });
  });
});
