import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export const IMAGE_PIN: CommandDefinition<null> = {
  name: 'image:pin',
  summary: 'Adds the digest to every image that the Dockerfiles and docker-compose.yml name, or renews it.',
  examples: [''],
  notes: [
    'It asks the registry of each image with `docker buildx imagetools`, and builds and pulls nothing.',
    'Exit code: 0 all are pinned, 1 a registry did not answer and no file was changed, 2 wrong arguments.',
  ],
  read: () => null,
};
