import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

describe('src/main.ts', () => {
  it('handles the signal of the log level before it loads anything', () => {
    const source = readFileSync(new URL('../../../src/main.ts', import.meta.url), 'utf8');
    const statements = source.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
    expect(statements).toEqual([
      "process.on('SIGUSR2', () => undefined);",
      "await import('./lifecycle.js');",
    ]);
  });
});
