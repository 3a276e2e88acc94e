// Usage: node tools/run-command.mjs NAME [arguments]; package.json has a script for each name of tools/commands.ts.
// Checks the arguments from the sources, before anything is compiled, generated or started.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import './typescript/register-ts.mjs';

const ROOT = join(import.meta.dirname, '..');
const PREPARATIONS = {
  'test-services': [process.execPath, 'tools/install-test-services.mjs'],
  generate: [process.execPath, 'tools/prisma-generate.mjs'],
  build: ['npm', 'run', '--silent', 'build'],
  'quick-build': [process.execPath, 'tools/build.mjs', '--quick'],
};

const [name, ...argv] = process.argv.slice(2);
const { COMMANDS } = await import('./commands.ts');
const command = COMMANDS.find(({ definition }) => definition.name === name);
if (command === undefined) {
  console.error(
    `Usage: node tools/run-command.mjs ${COMMANDS.map(({ definition }) => definition.name).join('|')}`,
  );
  process.exit(2);
}

const program = join(ROOT, command.program);
process.argv = [process.execPath, program, ...argv];
const { commandLineOf } = await import('./support/command-line-of.ts');
commandLineOf(command.definition);

for (const preparation of command.prepare) {
  const [executable, ...rest] = PREPARATIONS[preparation];
  const { status } = spawnSync(executable, rest, {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32' && executable === 'npm',
  });
  if (status !== 0) process.exit(status ?? 130);
}
await import(pathToFileURL(program).href);
