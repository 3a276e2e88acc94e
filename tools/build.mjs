// Builds the service and its page at the same time: neither needs the other.
// With --quick a checkout that was never built gets its service without type checks; the next build makes it anew.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
/** Memory of the compiler, which writes no file again that it believes to be there. */
const buildInfo = join(root, 'dist/.tsbuildinfo');
const isQuick = process.argv.includes('--quick') && !existsSync(buildInfo);

/** Runs a program to its end. */
function run(...args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args[0]} ended with ${code ?? 'a signal'}`));
    });
  });
}

async function buildService() {
  await run('tools/prisma-generate.mjs');
  if (isQuick) await run('tools/typescript/transpile-service.mjs');
  else await run(join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json');
}

// Waits for both: what one of them has written is whole, also when the other fails.
const results = await Promise.allSettled([buildService(), run('tools/build-web.mjs')]);
if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
