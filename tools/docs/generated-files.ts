import { configurationPage } from './configuration-page.js';
import { envExample } from './env-example.js';

export interface GeneratedFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly content: () => string;
}

/** Every file that `npm run docs:generate` writes. */
export const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: '.env.example', content: envExample },
  { path: 'docs/configuration.md', content: () => configurationPage('en') },
  { path: 'docs/zh-CN/configuration.md', content: () => configurationPage('zh') },
];
