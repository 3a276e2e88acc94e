# One image with the service, its migrations and its operator commands. Replace each … with a real value:
#
#   docker build -t analytics-presence --build-arg VERSION=… --build-arg REVISION=$(git rev-parse HEAD) .
#   docker run --rm --init -e DATABASE_MIGRATION_URL=… analytics-presence node dist/src/cli/migrate.js
#   docker run --read-only --env-file production.env -p 127.0.0.1:3001:3001 analytics-presence
#   docker run --rm --env-file production.env analytics-presence node dist/src/cli/dau-calculate.js 2025-01-15 2025-01-20
#   docker run --rm --env-file production.env analytics-presence node dist/src/cli/dau-audit.js 2025-01-15
#   docker run --rm --env-file production.env -v "$PWD/history:/history:ro" analytics-presence \
#     node dist/src/cli/events-import.js /history/events.jsonl.gz
#
# The build needs BuildKit, the default builder since Docker 23. Set another npm registry with
# --build-arg NPM_CONFIG_REGISTRY=https://…
#
# `npm run check:image` follows this file without Docker and runs the result; it rejects instructions it does not know.

# Node 24 is a long-term support line, maintained until April 2028. `.nvmrc` names the same version.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS build
ARG NPM_CONFIG_REGISTRY
COPY package.json package-lock.json ./
# The compilation needs no install scripts.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma prisma
COPY tools/prisma-generate.mjs tools/prisma-generate.mjs
COPY tools/build.mjs tools/build-web.mjs tools/
COPY web web
COPY src src
RUN npm run build

# Devices for a trial: docker compose --profile demo. No part of the service's image.
FROM build AS demo
COPY tools/simulate.ts tools/simulate.ts
COPY tools/model tools/model
COPY tools/simulation tools/simulation
COPY tools/support tools/support
COPY tools/typescript tools/typescript
USER 1000:1000
CMD ["node", "--no-warnings", "--import", "./tools/typescript/register-ts.mjs", "tools/simulate.ts"]

FROM base AS dependencies
ARG NPM_CONFIG_REGISTRY
COPY package.json package-lock.json ./
# npm treats the optional peers of @prisma/client (250 MB) as optional, not as development dependencies.
# The service reads no declarations, no source maps and no query compilers for other databases.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
    && find node_modules/@prisma/client/runtime -name 'query_compiler_*' \
         ! -name 'query_compiler_small_bg.postgresql.*mjs' -delete

FROM base AS production
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# The modes make the files readable for every user, even from a checkout with a strict umask.
COPY --chmod=0644 package.json ./
COPY --chmod=0755 database/migrations database/migrations
COPY --chmod=0755 database/migrations-citus database/migrations-citus
COPY --chmod=0755 deploy/healthcheck.mjs deploy/healthcheck.mjs
# The base image's user `node`, by number: Kubernetes verifies from it that the user is not root.
# All files belong to root, because the service writes none.
USER 1000:1000
EXPOSE 3001
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
ARG VERSION=development
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="analytics-presence-service" \
      org.opencontainers.image.description="User activity and presence: events in, daily active users, online users and their history out." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary" \
      org.opencontainers.image.base.name="docker.io/library/node:24.21.0-bookworm-slim"
# The service handles SIGTERM itself and starts no child processes, so it needs no init process.
# `migrate.js` handles no signals; run it with --init.

# Limits the heap, which Node would otherwise size by the memory of the machine.
CMD ["node", "--max-old-space-size=512", "dist/src/main.js"]
