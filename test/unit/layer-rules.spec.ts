import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/layers');
const CONFIG = join(ROOT, '.dependency-cruiser.mjs');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const VIOLATION = '.violation.ts';

interface Rules {
  readonly rules?: readonly { readonly name: string }[];
}
interface Dependency extends Rules {
  readonly module: string;
  readonly resolved: string;
}
interface Module extends Rules {
  readonly source: string;
  readonly orphan?: boolean;
  readonly dependencies: readonly Dependency[];
}
interface Cruise {
  readonly modules: readonly Module[];
  readonly summary: {
    readonly violations: readonly { from: string; to: string; rule: { name: string } }[];
  };
}

/** Cruises the tree under a directory, as `npm run layers` does at the root. */
async function cruise(directory: string): Promise<Cruise> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CRUISER, '--config', CONFIG, '--output-type', 'json', 'src', 'tools', 'test', 'web', 'clients'],
    { cwd: directory, maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as Cruise;
}

async function filesUnder(directory: string, suffix: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((entry) => entry.endsWith(suffix)).map((entry) => entry.split(sep).join('/'));
}

const named = ({ rules = [] }: Rules): string[] => rules.map(({ name }) => name);

const config = (await import(pathToFileURL(CONFIG).href)) as {
  default: { forbidden: { name: string }[] };
};
const ruleNames = config.default.forbidden.map(({ name }) => name);

describe('layer rules, on seeded violations', () => {
  let modules: readonly Module[];

  /** `<rule>.violation.ts`, or `<rule>.<something>.violation.ts` where a rule needs more than one file. */
  const violationsOf = (rule: string) =>
    modules.filter(
      ({ source }) => source.endsWith(VIOLATION) && source.split('/').at(-1)?.split('.')[0] === rule,
    );

  beforeAll(async () => {
    ({ modules } = await cruise(FIXTURES));
  });

  it.each(ruleNames)('%s reports every import of its fixture', (rule) => {
    const fixtures = violationsOf(rule);
    expect(fixtures).not.toHaveLength(0);
    for (const fixture of fixtures) {
      const unreported = fixture.dependencies.filter((dependency) => !named(dependency).includes(rule));
      expect(unreported.map(({ module }) => module)).toEqual([]);
      if (fixture.orphan) expect(named(fixture)).toContain(rule);
    }
  });

  it('has a rule for each fixture', async () => {
    const fixtures = await filesUnder(FIXTURES, VIOLATION);
    expect(ruleNames.flatMap(violationsOf).map(({ source }) => source)).toHaveLength(fixtures.length);
  });

  it('is silent about everything that is allowed', () => {
    const allowed = modules.filter(({ source }) => !source.endsWith(VIOLATION));
    const reported = allowed.flatMap((module) => [
      ...named(module).map((rule) => `${module.source}: ${rule}`),
      ...module.dependencies.flatMap((dependency) =>
        named(dependency).map((rule) => `${module.source} -> ${dependency.module}: ${rule}`),
      ),
    ]);
    expect(reported).toEqual([]);
  });

  it('follows .js specifiers to .ts files, imports of types included', () => {
    const adapter = modules.find(({ source }) => source === 'src/infrastructure/persistence/adapter.ts');
    expect(adapter?.dependencies).toContainEqual(
      expect.objectContaining({
        module: '../../domain/repositories/port.js',
        resolved: 'src/domain/repositories/port.ts',
        dependencyTypes: expect.arrayContaining(['type-only']),
      }),
    );
  });
});

describe('layer rules, on this project', () => {
  // The whole project takes seconds, and half a minute beside other load.
  it('hold for every file of src', async () => {
    const { modules, summary } = await cruise(ROOT);
    const seen = new Set(modules.map(({ source }) => source));
    const files = await filesUnder(join(ROOT, 'src'), '.ts');

    expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    expect(files.filter((file) => !seen.has(`src/${file}`) && !file.includes('/generated/'))).toEqual([]);
  }, 120_000);
});
