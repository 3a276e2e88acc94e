import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../../..');
const PACKAGE = join(ROOT, 'clients/typescript');

interface Manifest {
  readonly name: string;
  readonly dependencies?: unknown;
  readonly exports: Readonly<Record<string, Readonly<Record<'types' | 'default', string>>>>;
}
const MANIFEST = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as Manifest;

/** A program of a user: it opens a client and tracks an event, on nothing but Node. */
const PROGRAM = `
  import { AnalyticsClient } from './dist/analytics-client.js';
  import { nodePlatform } from './dist/node/node-platform.js';
  const client = await AnalyticsClient.open({
    baseUrl: 'http://127.0.0.1:9', appVersion: '1.0.0', platform: nodePlatform('queue.jsonl'),
  });
  await client.track('page_view', { page: 'home' });
  console.log(client.queuedEvents);
  client.close();
`;

/** Code that the README leaves to the app, and the storage that it names for React Native. */
const APP = `
  import { KeyValueStorage } from '@analytics-presence/client/storage/key-value';
  declare const myToken: () => Promise<string>;
  declare const myRefreshedToken: () => Promise<string>;
  export const storage: typeof KeyValueStorage = KeyValueStorage;
`;

describe('the package of the reference client', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'client-package-'));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const outDir = join(directory, 'dist');
    await run(process.execPath, [compiler, '-p', join(PACKAGE, 'tsconfig.build.json'), '--outDir', outDir]);
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  }, 120_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('has no dependency at run time', () => {
    expect(MANIFEST.dependencies).toBeUndefined();
  });

  it('builds every file that it exports, with its types', () => {
    const files = Object.values(MANIFEST.exports).flatMap((each) => [each.types, each.default]);

    expect(files).toHaveLength(10);
    expect(files.filter((file) => !existsSync(join(directory, file)))).toEqual([]);
  });

  it('imports its own files and, for Node, built-in modules', async () => {
    const files = await readdir(join(directory, 'dist'), { recursive: true });
    const foreign: string[] = [];
    for (const file of files.filter((each) => each.endsWith('.js'))) {
      const text = await readFile(join(directory, 'dist', file), 'utf8');
      const modules = [...text.matchAll(/\bfrom '([^']+)'/g)].map(([, module = '']) => module);
      const allowed = file.startsWith('node') ? /^(\.|node:)/ : /^\./;
      foreign.push(
        ...modules.filter((module) => !allowed.test(module)).map((module) => `${file}: ${module}`),
      );
    }
    expect(foreign).toEqual([]);
  });

  it('is used as its README says', async () => {
    const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
    const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
    expect(example).toContain('AnalyticsClient.open(');
    const project = join(directory, 'app');
    const installed = join(project, 'node_modules', MANIFEST.name);
    await mkdir(installed, { recursive: true });
    await cp(join(PACKAGE, 'package.json'), join(installed, 'package.json'));
    await cp(join(directory, 'dist'), join(installed, 'dist'), { recursive: true });
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
    await writeFile(join(project, 'app.ts'), `${APP}${example}`);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      module: 'nodenext',
      types: [],
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', project]).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(stdout).toBe('');
  }, 60_000);

  it('runs on Node without any package', async () => {
    await writeFile(join(directory, 'program.js'), PROGRAM);
    const { stdout } = await run(process.execPath, ['program.js'], { cwd: directory });

    expect(stdout).toBe('1\n');
    expect(await readFile(join(directory, 'queue.jsonl'), 'utf8')).toContain('page_view');
  });
});
