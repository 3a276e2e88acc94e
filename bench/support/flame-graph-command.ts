import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export const BENCH_FLAME: CommandDefinition<readonly [profile: string, picture: string]> = {
  name: 'bench:flame',
  summary: 'Draws a CPU profile of `npm run bench -- --profile=DIR` as a flame graph.',
  positionals: [
    { name: 'FILE.cpuprofile', help: 'the profile', required: true },
    { name: 'OUT.svg', help: 'the picture that is written', required: true },
  ],
  examples: ['service.cpuprofile flames.svg'],
  read: ({ positionals: [profile = '', picture = ''] }) => [profile, picture],
};
