/**
 * Lets plain Node run this project's TypeScript: `node --import ./tools/typescript/register-ts.mjs file.ts`. For what runs
 * outside Jest's own module loader: the global setup and the child processes of fault tests.
 */
import * as nodeModule from 'node:module';

import { load, resolve } from './ts-hooks.mjs';

// Node 20 has hooks in a thread only; where the synchronous ones exist, the others are deprecated.
if (typeof nodeModule.registerHooks === 'function') nodeModule.registerHooks({ resolve, load });
else nodeModule.register(new URL('./ts-hooks.mjs', import.meta.url));
