// Lets Node run this project's TypeScript outside Jest: `node --import ./tools/typescript/register-ts.mjs file.ts`.
import * as nodeModule from 'node:module';

import { load, resolve } from './ts-hooks.mjs';

// Node 20 has asynchronous hooks only; later versions deprecate them in favour of synchronous hooks.
if (typeof nodeModule.registerHooks === 'function') nodeModule.registerHooks({ resolve, load });
else nodeModule.register(new URL('./ts-hooks.mjs', import.meta.url));
