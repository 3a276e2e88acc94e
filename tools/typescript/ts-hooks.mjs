// Module hooks for Node, registered by register-ts.mjs as synchronous or as asynchronous hooks.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { transformSync } from '@swc/core';

import { swcOptions } from './swc-options.mjs';

/** Resolves `./x.js` to `./x.ts` where the source exists: sources import the compiled names. */
export function resolve(specifier, context, nextResolve) {
  const relative = specifier.startsWith('./') || specifier.startsWith('../');
  if (relative && specifier.endsWith('.js') && context.parentURL?.startsWith('file:')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (!source.pathname.includes('/node_modules/') && existsSync(fileURLToPath(source))) {
      return nextResolve(source.href, context);
    }
  }
  return nextResolve(specifier, context);
}

/** Compiles TypeScript sources when they are loaded. */
export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swcOptions, filename, swcrc: false });
  return { format: 'module', source: code, shortCircuit: true };
}
