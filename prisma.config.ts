import { defineConfig } from 'prisma/config';
import { readEnvironment } from './src/config/configuration.js';
import { databaseConfig } from './src/config/database.config.js';
import { checkEnvironment } from './src/config/environment.js';
import { findEmbeddedUrl } from './src/infrastructure/embedded/find-embedded-url.js';

// `prisma generate` reads this file and needs no URL: an incomplete environment is accepted.
const { url, embedded } = databaseConfig(checkEnvironment(readEnvironment()).environment);
const studioUrl = url ?? findEmbeddedUrl(embedded);

export default defineConfig({
  schema: 'prisma/schema.prisma',
  ...(studioUrl !== undefined && { datasource: { url: studioUrl } }),
});
