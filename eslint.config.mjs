// The house rules that the type checker cannot state; .dependency-cruiser.mjs states who may import whom.
// test/unit/lint-rules.spec.ts proves on seeded violations (test/fixtures/lint) that every rule fires.
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { injectedClassIsValueImport } from './tools/lint/injected-class-is-value-import.mjs';
import { plainComments } from './tools/lint/plain-comments.mjs';

// --- Files ------------------------------------------------------------------------------------------------------

const TESTS = ['test/**/*.ts', 'bench/**/*.ts', 'src/**/*.spec.ts'];
const PLAIN_JAVASCRIPT = ['**/*.mjs'];
/** Tools load these files by their default export. */
const LOADED_BY_TOOLS = [
  '{,web/}*.config.{ts,mjs}',
  '.dependency-cruiser.mjs',
  'test/support/**/*{reporter,setup,teardown,environment,sequencer,transformer,resolver}.{ts,mjs}',
];
/** The adapters behind the clock port and the id port: the only source of time and randomness in the service. */
const CLOCK_AND_ID_ADAPTERS = ['src/infrastructure/**/*{clock,id-generator}*.ts'];
/** Starts PostgreSQL before there is an application with a clock port. */
const BEFORE_THE_APPLICATION = ['src/infrastructure/embedded/**/*.ts'];
/** Directories whose comments keep the rule of STYLE_GUIDE.md; `npm run lint:comments` counts the others. */
const PLAIN_COMMENT_ROOMS = [
  'src/**/*.ts',
  'tools/**/*.{ts,mjs}',
  'bench/**/*.ts',
  'deploy/**/*.mjs',
  'docs/**/*.mjs',
  'test/**/*.{ts,mjs}',
  'web/**/*.{ts,tsx}',
  'clients/**/*.ts',
  '*.config.{ts,mjs}',
  '.dependency-cruiser.mjs',
];

// --- Restrictions -----------------------------------------------------------------------------------------------

const SYNTAX = [
  {
    selector: 'ExportAllDeclaration',
    message: 'No barrels: import from the file that declares it.',
  },
  {
    // The text of a raw statement is a literal, a template without substitutions, or an UPPER_CASE constant.
    selector: [
      'CallExpression[callee.property.name=/^(\\$(query|execute)RawUnsafe|statementForRequest|longStatementForJob)$/]',
      ":not([arguments.0.type='Literal'])",
      ":not([arguments.0.type='TemplateLiteral'][arguments.0.expressions.length=0])",
      ":not([arguments.0.type='Identifier'][arguments.0.name=/^[A-Z][A-Z0-9_]*$/])",
    ].join(''),
    message: 'SQL text is constant (a literal or an UPPER_CASE constant); values go into parameters.',
  },
  {
    selector:
      "CallExpression[callee.object.name='Prisma'][callee.property.name='raw']:not([arguments.0.type='Literal'])",
    message: 'Prisma.raw() takes a literal only; values go into parameters.',
  },
];

const CLOCK_SYNTAX = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'new Date() reads the process’s clock: ask the clock port, or take the instant as an argument.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'Date() reads the process’s clock: ask the clock port, or take the instant as an argument.',
  },
];

const CLOCK_PROPERTIES = [
  {
    object: 'Date',
    property: 'now',
    message: 'Ask the clock port, or take the instant as an argument; durations are performance.now().',
  },
  { object: 'crypto', property: 'randomUUID', message: 'Ids come from the id port.' },
];

// Infrastructure is free to spread retries at random: the delay changes nothing that is stored.
const CHANCE_PROPERTIES = [
  { object: 'Math', property: 'random', message: 'Randomness is an argument: ask a port.' },
];

const CLOCK_IMPORTS = [
  ...['node:crypto', 'crypto'].map((name) => ({
    name,
    importNames: ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'],
    message: `Randomness is an argument: ask a port instead of ${name}.`,
  })),
  {
    name: 'date-fns',
    importNames: [
      ...['isPast', 'isFuture', 'isToday', 'isTomorrow', 'isYesterday'],
      ...['isThisSecond', 'isThisMinute', 'isThisHour', 'isThisWeek', 'isThisMonth', 'isThisYear'],
      ...[
        'startOfToday',
        'startOfTomorrow',
        'startOfYesterday',
        'endOfToday',
        'endOfTomorrow',
        'endOfYesterday',
      ],
      ...['formatDistanceToNow', 'formatDistanceToNowStrict'],
    ],
    message: 'This function reads the process’s clock: use one that takes the instant as an argument.',
  },
];

const UUID = {
  forbidden: { name: 'uuid', message: 'Ids come from the id port; only value objects validate UUIDs.' },
  valueObjects: {
    name: 'uuid',
    allowImportNames: ['v4', 'validate'],
    message: 'A value object validates UUIDs and may make a random one; it needs nothing else of uuid.',
  },
  // v3 and v5 depend on their arguments alone, and parsing makes no id.
  infrastructure: {
    name: 'uuid',
    importNames: ['v1', 'v4', 'v6', 'v7'],
    message: 'Ids that depend on time or chance come from the id port.',
  },
};

const ENV_PROPERTIES = [
  { object: 'process', property: 'env', message: 'The environment is read in src/config only.' },
];

const ENV_IMPORTS = ['node:process', 'process'].map((name) => ({
  name,
  importNames: ['env'],
  message: `The environment is read in src/config only, not from ${name}.`,
}));

const DOMAIN_IMPORTS = [
  {
    name: '@nestjs/cqrs',
    allowImportNames: ['AggregateRoot'],
    message: 'The domain takes AggregateRoot from @nestjs/cqrs and nothing else.',
  },
  {
    name: '@nestjs/common',
    allowImportNames: ['Injectable', 'Module'],
    message: 'The domain takes Injectable and Module from @nestjs/common and nothing else.',
  },
];

/**
 * The three `no-restricted-*` rules with what an area forbids. ESLint replaces the options of an earlier match and
 * never merges them, so each area states all of its own.
 */
const restrict = ({ env = false, clock = false, chance = clock, imports = [] }) => ({
  'no-restricted-syntax': ['error', ...SYNTAX, ...(clock ? CLOCK_SYNTAX : [])],
  'no-restricted-properties': [
    'error',
    ...(env ? ENV_PROPERTIES : []),
    ...(clock ? CLOCK_PROPERTIES : []),
    ...(chance ? CHANCE_PROPERTIES : []),
  ],
  'no-restricted-imports': [
    'error',
    { paths: [...(env ? ENV_IMPORTS : []), ...(clock ? CLOCK_IMPORTS : []), ...imports] },
  ],
});

// --- Configuration ----------------------------------------------------------------------------------------------

/** Mistakes that neither TypeScript nor typescript-eslint reports. */
const MISTAKES = Object.fromEntries(
  [
    ...[
      'no-async-promise-executor',
      'no-case-declarations',
      'no-cond-assign',
      'no-constant-binary-expression',
    ],
    ...['no-control-regex', 'no-debugger', 'no-duplicate-case', 'no-empty', 'no-empty-character-class'],
    ...[
      'no-irregular-whitespace',
      'no-loss-of-precision',
      'no-misleading-character-class',
      'no-prototype-builtins',
    ],
    ...['no-self-assign', 'no-self-compare', 'no-sparse-arrays', 'no-template-curly-in-string'],
    ...['no-unreachable-loop', 'no-unsafe-finally', 'no-unsafe-optional-chaining', 'no-unused-labels'],
    ...['no-useless-backreference', 'no-useless-catch', 'no-useless-escape', 'require-yield', 'valid-typeof'],
    ...['object-shorthand', 'prefer-const', 'preserve-caught-error'],
  ].map((name) => [name, 'error']),
);

const NO_DEFAULT_EXPORT = {
  'no-restricted-exports': [
    'error',
    {
      restrictDefaultExports: {
        direct: true,
        named: true,
        defaultFrom: true,
        namedFrom: true,
        namespaceFrom: true,
      },
    },
  ],
};

export default defineConfig(
  {
    ignores: [
      'dist/',
      'clients/typescript/dist/',
      'coverage/',
      '.data/',
      'src/infrastructure/persistence/prisma/generated/',
      // The types of the routes, as openapi-typescript writes them.
      'clients/openapi/schema.ts',
      'docs/events/types/events.ts',
      // Fixtures violate the rules on purpose.
      'test/fixtures/',
    ],
  },
  {
    name: 'everything',
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.node },
    plugins: {
      local: {
        rules: {
          'injected-class-is-value-import': injectedClassIsValueImport,
          'plain-comments': plainComments,
        },
      },
    },
    rules: { ...MISTAKES, ...NO_DEFAULT_EXPORT, eqeqeq: 'error' },
  },
  {
    name: 'typescript',
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...restrict({}),

      // consistent-type-imports skips files with decorators, because metadata needs value imports there.
      // It reads emitDecoratorMetadata from the tsconfig.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      'local/injected-class-is-value-import': 'error',

      // An in-memory adapter awaits nothing; it is async so that it rejects where the others reject.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],

      // The presets are less strict about these.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/explicit-member-accessibility': ['error', { accessibility: 'no-public' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],

      // The presets are stricter about numbers in messages, `while (true)`, handlers like `() => stop()`, and the
      // empty classes that Nest's decorators turn into modules.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest and Swagger use classes to describe plain objects: options, DTOs.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',

      // Style rules without a preset.
      '@typescript-eslint/array-type': 'error',
      '@typescript-eslint/consistent-generic-constructors': 'error',
      '@typescript-eslint/consistent-type-assertions': 'error',
      '@typescript-eslint/consistent-type-definitions': 'error',
      '@typescript-eslint/dot-notation': 'error',
      '@typescript-eslint/no-inferrable-types': 'error',
      '@typescript-eslint/prefer-find': 'error',
      '@typescript-eslint/prefer-for-of': 'error',
      '@typescript-eslint/prefer-includes': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/prefer-optional-chain': 'error',
      '@typescript-eslint/prefer-string-starts-ends-with': 'error',
    },
  },

  {
    name: 'src',
    files: ['src/**/*.ts'],
    rules: { ...restrict({ env: true, clock: true, imports: [UUID.forbidden] }), 'no-console': 'error' },
  },
  {
    name: 'src/domain',
    files: ['src/domain/**/*.ts'],
    rules: restrict({ env: true, clock: true, imports: [...DOMAIN_IMPORTS, UUID.forbidden] }),
  },
  {
    name: 'src/domain/value-objects',
    files: ['src/domain/value-objects/**/*.ts'],
    rules: restrict({ env: true, clock: true, imports: [...DOMAIN_IMPORTS, UUID.valueObjects] }),
  },
  {
    name: 'src/config: reads the environment',
    files: ['src/config/**/*.ts'],
    rules: restrict({ clock: true, imports: [UUID.forbidden] }),
  },
  {
    name: 'src/infrastructure',
    files: ['src/infrastructure/**/*.ts'],
    rules: restrict({ env: true, clock: true, chance: false, imports: [UUID.infrastructure] }),
  },
  {
    name: 'src/infrastructure: reads the clock, makes ids',
    files: [...CLOCK_AND_ID_ADAPTERS, ...BEFORE_THE_APPLICATION],
    rules: restrict({ env: true }),
  },
  {
    name: 'src/cli: prints to the terminal',
    files: ['src/cli/**/*.ts'],
    rules: { ...restrict({ env: true, clock: true, imports: [UUID.forbidden] }), 'no-console': 'off' },
  },
  {
    name: 'tools: programs get their settings from src/config',
    files: ['tools/**/*.ts'],
    // Passes the environment on to the programs that a tool starts.
    ignores: ['tools/support/host-environment.ts'],
    rules: restrict({ env: true }),
  },
  {
    name: 'web: a browser',
    files: ['web/src/**/*.{ts,tsx}'],
    languageOptions: { globals: globals.browser },
    rules: {
      'no-console': 'error',
      // The style of an element is set by objects, which the page's policy admits; texts of style it refuses.
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        {
          selector: "JSXAttribute[name.name='style'][value.type='Literal']",
          message: 'The policy of the page refuses style attributes: use a class or a style object.',
        },
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Text of the service is no markup: render it as a child.',
        },
      ],
    },
  },
  {
    name: 'clients/typescript: time and chance are ports',
    files: ['clients/typescript/src/**/*.ts'],
    ignores: ['clients/typescript/src/{browser,node}/**'],
    rules: { ...restrict({ env: true, clock: true }), 'no-console': 'error' },
  },
  {
    name: 'no barrels',
    files: ['**/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        ...CLOCK_SYNTAX,
        { selector: 'Program', message: 'No barrels: give the file the name of what it declares.' },
      ],
    },
  },

  {
    name: 'tests',
    files: TESTS,
    rules: {
      ...restrict({}),
      // A test that is wrong about one of these fails anyway.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    name: 'programs and configuration in plain JavaScript',
    files: PLAIN_JAVASCRIPT,
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-var': 'error',
    },
  },
  {
    name: 'plain comments',
    files: PLAIN_COMMENT_ROOMS,
    rules: { 'local/plain-comments': 'error' },
  },
  {
    name: 'loaded by tools',
    files: LOADED_BY_TOOLS,
    rules: { 'no-restricted-exports': 'off' },
  },
);
