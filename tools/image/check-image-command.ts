import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export interface CheckImageOptions {
  readonly build: boolean;
  readonly keep: boolean;
}

export const CHECK_IMAGE: CommandDefinition<CheckImageOptions> = {
  name: 'check:image',
  summary:
    'Builds the tree of the image without Docker and runs it in production mode, after `npm run build`.',
  options: {
    build: { help: "runs the build stage too instead of using this checkout's dist" },
    keep: { help: 'leaves the tree of the image' },
  },
  examples: ['', '--build'],
  notes: ['It needs redis-server. Exit code: 0 all steps passed, 1 one failed, 2 wrong arguments.'],
  read: (given) => ({ build: given.flag('build'), keep: given.flag('keep') }),
};
