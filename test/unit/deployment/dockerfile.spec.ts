import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseEnvironment } from '../../../src/config/environment.js';
import type { Stage } from '../../../tools/image/image-plan.js';
import { readComposeFile } from './compose-file.js';
import { START_ARGUMENTS } from '../../support/service.js';
import { BUILD_CONTEXT, COMPOSE, DOCKERFILE, IMAGE_PLAN, readProjectFile, ROOT } from './deployment-files.js';

const { stages, image } = IMAGE_PLAN;
const MANIFEST = JSON.parse(readProjectFile('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

function findStage(name: string): Stage {
  const found = stages.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The Dockerfile has no stage ${name}`);
  return found;
}

/** Returns the source of a file in the image: `dist` is compiled, scripts are copied unchanged. */
function sourceOf(file: string): string {
  return file.startsWith('dist/') ? file.replace(/^dist\//, '').replace(/\.js$/, '.ts') : file;
}

function findCommands(text: string): string[] {
  return [...text.matchAll(/node (dist\/\S+\.js)/g)].flatMap(([, file]) => file ?? []);
}

function copiesOf({ steps }: Pick<Stage, 'steps'>) {
  return steps.filter((step) => step.instruction === 'COPY');
}

function isRule(line: string): boolean {
  return line !== '' && !line.startsWith('#');
}

const runs = stages.flatMap(({ steps }) => steps).filter((step) => step.instruction === 'RUN');
const copiesFromContext = stages.flatMap(copiesOf).filter(({ from }) => from === null);
const contextSources = copiesFromContext.flatMap(({ sources }) => sources);

describe('Dockerfile: what enters the build', () => {
  it('starts from an image of a pinned version', () => {
    const names = stages.map(({ name }) => name);
    const images = stages.map(({ from }) => from).filter((from) => !names.includes(from));

    expect(images).toEqual([
      expect.stringMatching(/^node:\d+\.\d+\.\d+-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/),
    ]);
    expect(image.labels['org.opencontainers.image.base.name']).toBe(
      `docker.io/library/${String(images[0]).replace(/@.*/, '')}`,
    );
  });

  it('copies only files that exist and that .dockerignore admits', () => {
    const missing = contextSources.filter((source) => BUILD_CONTEXT.filesAt(source).length === 0);

    expect(copiesFromContext.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('admits no settings, packages, build output, tests or logs', () => {
    const admitted = contextSources.flatMap((source) => BUILD_CONTEXT.filesAt(source));
    const surplus = admitted.filter((file) =>
      /(^|\/)(\.env|\.npmrc|node_modules\/|dist\/|\.git|\.data|generated\/)|\.spec\.ts$|\.log$/.test(file),
    );

    expect(surplus).toEqual([]);
  });

  it('copies everything that .dockerignore admits', () => {
    const [first, ...rules] = readProjectFile('.dockerignore').split('\n').filter(isRule);
    const exceptions = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    const admitted = exceptions.map((path) => BUILD_CONTEXT.filesAt(path));
    const copied = contextSources.flatMap((source) => BUILD_CONTEXT.filesAt(source));

    expect(first).toBe('*');
    expect(exceptions.filter((_, index) => admitted[index]?.length === 0)).toEqual([]);
    expect(admitted.flat().sort()).toEqual([...new Set(copied)].sort());
  });

  it('copies every file that the compiler and the Prisma generator read', () => {
    const inBuild = copiesOf(findStage('build'))
      .filter(({ from }) => from === null)
      .flatMap(({ sources }) => sources.flatMap((source) => BUILD_CONTEXT.filesAt(source)));
    const { include } = JSON.parse(readProjectFile('tsconfig.build.json')) as { include: string[] };
    const topLevel = new Set(inBuild.map((file) => file.split('/')[0]));

    expect([...topLevel]).toEqual(expect.arrayContaining(include));
    expect(inBuild).toEqual(
      expect.arrayContaining([
        ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
        ...['prisma.config.ts', 'prisma/schema.prisma', 'tools/prisma-generate.mjs'],
      ]),
    );
  });

  it('runs existing npm scripts and installs by the lock file without install scripts', () => {
    const scripts = runs.flatMap(({ command }) =>
      [...command.matchAll(/npm run (\S+)/g)].map(([, name]) => name),
    );
    const installs = runs.filter(({ command }) => /npm (ci|install|i)\b/.test(command));

    expect(scripts).toEqual(['build']);
    for (const name of scripts) expect(Object.keys(MANIFEST.scripts)).toContain(name);
    expect(installs.map(({ command }) => command)).toEqual([
      expect.stringMatching(/^npm ci .*--ignore-scripts/),
      expect.stringMatching(/^npm ci .*--omit=dev --omit=optional --ignore-scripts/),
    ]);
  });
});

describe('Dockerfile: the image', () => {
  it('takes its packages from the stage without development packages', () => {
    const packages = copiesOf(image).filter(({ sources }) =>
      sources.some((source) => source.endsWith('node_modules')),
    );

    expect(packages).toEqual([expect.objectContaining({ from: 'dependencies' })]);
    expect(findStage('dependencies').steps).toContainEqual(
      expect.objectContaining({ command: expect.stringContaining('--omit=dev') }),
    );
  });

  it('has the OCI labels, of which each build fills version, revision and time', () => {
    const label = (name: string): string | undefined => image.labels[`org.opencontainers.image.${name}`];
    const { name } = JSON.parse(readProjectFile('package.json')) as { readonly name: string };

    expect(label('title')).toBe(name);
    expect(label('licenses')).toMatch(/^LicenseRef-\w+$/);
    for (const [key, argument] of Object.entries({
      version: 'VERSION',
      revision: 'REVISION',
      created: 'CREATED',
    })) {
      expect(label(key)).toBe(`\${${argument}}`);
      expect(DOCKERFILE).toMatch(new RegExp(`^ARG ${argument}=\\w+$`, 'm'));
    }
  });

  it('runs in production mode as a user other than root and contains no secret', () => {
    expect(image.env).toEqual({ NODE_ENV: 'production' });
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(DOCKERFILE).not.toMatch(/^\s*(ARG|ENV)\b.*(SECRET|PASSWORD|TOKEN|KEY)/im);
  });

  it('starts the service with the arguments that package.json uses', () => {
    for (const name of ['start', 'start:prod'])
      expect(MANIFEST.scripts[name]).toBe(`exec node ${START_ARGUMENTS.join(' ')} dist/src/main.js`);
  });

  it('contains the programs that CMD and HEALTHCHECK run', () => {
    const copied = copiesOf(image).map(({ destination }) => destination);

    expect(image.cmd).toEqual(['node', ...START_ARGUMENTS, 'dist/src/main.js']);
    expect(image.healthcheck).toEqual(['node', 'deploy/healthcheck.mjs']);
    for (const file of [image.cmd, image.healthcheck].map((command) => command.at(-1) ?? '')) {
      expect(existsSync(join(ROOT, sourceOf(file)))).toBe(true);
      expect(copied.some((destination) => file === destination || file.startsWith(`${destination}/`))).toBe(
        true,
      );
    }
  });

  it('contains the migrations beside dist', () => {
    expect(image.steps).toContainEqual(
      expect.objectContaining({ sources: ['database/migrations'], destination: 'database/migrations' }),
    );
    expect(image.steps).toContainEqual(
      expect.objectContaining({ sources: ['/app/dist'], destination: 'dist' }),
    );
  });

  it('exposes the port on which the service listens', () => {
    expect(image.expose).toEqual([parseEnvironment({}).PORT]);
  });

  it.each([...new Set([...findCommands(DOCKERFILE), ...findCommands(COMPOSE)])])(
    'documents a command that exists: %s',
    (file) => {
      expect(existsSync(join(ROOT, sourceOf(file)))).toBe(true);
    },
  );
});

describe('Dockerfile: the stage of the demo', () => {
  /** Returns a source and all that it imports by relative paths. */
  function withImports(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const [, path = ''] of readProjectFile(file).matchAll(/from '(\.{1,2}\/[^']+)'/g)) {
      const imported = posix.join(posix.dirname(file), path);
      withImports(existsSync(join(ROOT, imported)) ? imported : imported.replace(/\.js$/, '.ts'), seen);
    }
    return seen;
  }

  it('has every file that the simulator imports, and stays out of the image', () => {
    const demo = findStage('demo');
    const inDemo = [...copiesOf(findStage('build')), ...copiesOf(demo)]
      .flatMap(({ sources }) => sources)
      .flatMap((source) => BUILD_CONTEXT.filesAt(source));
    const needed = [
      ...withImports('tools/simulate.ts'),
      ...withImports('tools/typescript/register-ts.mjs'),
    ].filter((file) => !file.startsWith('node_modules'));

    expect(needed.length).toBeGreaterThan(20);
    expect(needed.filter((file) => !inDemo.includes(file))).toEqual([]);
    expect(demo.cmd).toEqual([
      'node',
      '--no-warnings',
      '--import',
      './tools/typescript/register-ts.mjs',
      'tools/simulate.ts',
    ]);
    expect(readComposeFile().services.demo.command?.slice(0, 5)).toEqual(demo.cmd);
    expect(copiesOf(image).map(({ from }) => from)).not.toContain('demo');
  });
});
