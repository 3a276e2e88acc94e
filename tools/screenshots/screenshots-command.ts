import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { readLabel } from '../support/option-values.js';

export interface ScreenshotsOptions {
  /** Directory of the pictures. */
  readonly out: string;
}

export const SCREENSHOTS: CommandDefinition<ScreenshotsOptions> = {
  name: 'screenshots',
  summary: 'Starts a demo with new data and writes the pictures of the page that the documents show.',
  options: { out: { value: 'DIR', help: 'directory of the pictures (docs/images)' } },
  examples: [''],
  notes: [
    'It needs Chromium and a font with Chinese characters, and says how to install them.',
    'It takes about three minutes. Exit code: 0 written, 1 failed, 2 wrong arguments.',
  ],
  read: (given) => ({ out: readLabel('out', given.text('out') ?? 'docs/images') }),
};
