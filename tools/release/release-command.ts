import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { BUMPS, type Bump } from './versions.js';

export interface ReleaseOptions {
  readonly bump: Bump;
  readonly dryRun: boolean;
}

export const RELEASE: CommandDefinition<ReleaseOptions> = {
  name: 'release',
  summary:
    'Checks that a release can be made of this commit, then makes its commit and its tag. Pushes nothing.',
  positionals: [{ name: 'BUMP', help: 'major, minor or patch', required: true }],
  options: { 'dry-run': { help: 'checks and prints the release without .ci/run, and writes nothing' } },
  examples: ['minor --dry-run', 'patch'],
  notes: [
    'It needs a clean tree on main, entries under "Unreleased" in CHANGELOG.md, notes in docs/upgrading.md when a commit',
    'breaks something, and a .ci/run that passes. A patch is refused after a feature, and after a commit whose type',
    'CONTRIBUTING.md does not name. Exit code: 0 done, 1 a check failed, 2 wrong arguments.',
  ],
  read: (given) => {
    const [text = ''] = given.positionals;
    const bump = BUMPS.find((each) => each === text);
    if (bump === undefined) throw new UsageError(`BUMP must be major, minor or patch, it is "${text}"`);
    return { bump, dryRun: given.flag('dry-run') };
  },
};
