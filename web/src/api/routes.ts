import type { components, paths } from '../../../clients/openapi/schema.js';

export type Schemas = components['schemas'];

/** The routes that a token opens; the page compiles with no call of the others. */
export type PublicPaths = {
  [Path in keyof paths as Path extends `/internal/${string}` ? never : Path]: paths[Path];
};
