import { apiSchema } from './api-schema.js';
import { configurationPage } from './configuration-page.js';
import { productFigures } from '../grafana/product-figures.js';
import { serviceHealth } from '../grafana/service-health.js';
import { envExample } from './env-example.js';
import { errorsPage } from './errors-page.js';
import { eventTypes } from './event-types.js';
import { rulesFile } from '../prometheus/rules-file.js';
import { runbooksPage } from '../prometheus/runbooks-page.js';

export interface GeneratedFile {
  /** Path from the root of the repository. */
  readonly path: string;
  /** Sources of the content, for those who want to change it. */
  readonly madeFrom: string;
  readonly content: () => string | Promise<string>;
}

const variables = 'src/config/variables';
const routes = 'the controllers and DTOs in src/api';

/** Every file that `npm run docs:generate` writes. */
export const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: '.env.example', madeFrom: variables, content: envExample },
  { path: 'docs/configuration.md', madeFrom: variables, content: () => configurationPage('en') },
  { path: 'docs/zh-CN/configuration.md', madeFrom: variables, content: () => configurationPage('zh') },
  {
    path: 'docs/errors.md',
    madeFrom: 'src/shared/exceptions/error-catalogue.ts and tools/docs/error-texts.ts',
    content: errorsPage,
  },
  { path: 'deploy/grafana/product-figures.json', madeFrom: 'tools/grafana', content: productFigures },
  { path: 'deploy/grafana/service-health.json', madeFrom: 'tools/grafana', content: serviceHealth },
  { path: 'deploy/prometheus/rules.yaml', madeFrom: 'tools/prometheus', content: rulesFile },
  { path: 'docs/runbooks.md', madeFrom: 'tools/prometheus', content: runbooksPage },
  { path: 'clients/openapi/schema.ts', madeFrom: routes, content: apiSchema },
  { path: 'docs/events/types/events.ts', madeFrom: 'docs/events/schemas', content: eventTypes },
];
