// Generates the Prisma client without network access, unless the schema and Prisma are unchanged since the last run.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'src/infrastructure/persistence/prisma/generated');
const stampFile = join(output, '.schema-sha256');

const require = createRequire(import.meta.url);
const prismaPackage = require.resolve('prisma/package.json');
const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'prisma/schema.prisma')))
  .update(JSON.parse(readFileSync(prismaPackage, 'utf8')).version)
  .digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  execFileSync(process.execPath, [join(dirname(prismaPackage), 'build/index.js'), 'generate'], {
    cwd: root,
    // Nothing is printed on success; on failure the thrown error contains standard error.
    stdio: ['ignore', 'ignore', 'pipe'],
    // `prisma generate` requires a schema engine and never runs it; any executable prevents a download.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  writeFileSync(stampFile, stamp);
}
