import { describe, expect, it } from '@jest/globals';
import { isOfLine } from '../../../tools/runtime/node-release.js';
import { IMAGE_PLAN, readProjectFile } from './deployment-files.js';

const NODE = readProjectFile('.nvmrc').trim();
const [major = 0] = NODE.split('.').map(Number);

describe('the Node of the image', () => {
  it('is a whole version of a line with long-term support', () => {
    expect(NODE).toMatch(/^\d+\.\d+\.\d+$/);
    // Even lines get long-term support.
    expect(major % 2).toBe(0);
  });

  it('is the same in .nvmrc, in the Dockerfile and in the container of contributors', () => {
    const [base] = IMAGE_PLAN.stages;

    expect(base?.from.split('@')[0]).toBe(`node:${NODE}-bookworm-slim`);
    expect(readProjectFile('.devcontainer/Dockerfile')).toMatch(
      new RegExp(`^FROM node:${NODE.replaceAll('.', '\\.')}-bookworm(@|$)`, 'm'),
    );
  });

  it('is allowed by package.json and used by the suite of the pipeline', () => {
    const { engines } = JSON.parse(readProjectFile('package.json')) as { engines: { node: string } };

    expect(engines.node).toBe('^20.19.0 || >=22.12.0');
    expect(readProjectFile('.ci/run')).toContain('npm run --silent check:runtime');
    expect(readProjectFile('.github/workflows/ci.yml')).toContain(`'${major}'`);
  });
});

it('the container of contributors has every program that the tests and the checks start', () => {
  const dockerfile = readProjectFile('.devcontainer/Dockerfile').split(/\s+/);
  const ofSuites = readProjectFile('tools/install-test-services.mjs').matchAll(/\bapt: '([\w-]+)'/g);
  // Jars come with Maven; tools of Python get an environment of their own.
  const needed = [...[...ofSuites].map(([, name]) => name), 'maven', 'python3-venv'];

  expect(needed).toContain('prometheus');
  expect(needed.filter((name) => !dockerfile.includes(name ?? ''))).toEqual([]);
});

it.each([
  ['24.21.0', '24', true],
  ['24.21.0', '24.21.0', true],
  ['24.21.0', '24.2', false],
  ['240.1.0', '24', false],
])('Node %s belongs to %s: %s', (version, line, belongs) => {
  expect(isOfLine(version, line)).toBe(belongs);
});
