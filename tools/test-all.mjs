// Usage: node tools/test-all.mjs
// Runs every category of tests, also when one has failed, and then names those that failed.
import { spawnSync } from 'node:child_process';

const categories = ['unit', 'integration', 'e2e', 'security', 'page'];

const failed = categories.filter(
  (category) => spawnSync('npm', ['run', '--silent', `test:${category}`], { stdio: 'inherit' }).status !== 0,
);

if (failed.length > 0) {
  console.error(`\nTests failed in: ${failed.join(', ')}. Run one again with npm run test:${failed[0]}.`);
  process.exitCode = 1;
}
