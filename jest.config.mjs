import { swcOptions } from './tools/typescript/swc-options.mjs';

const services = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

const pageServices = {
  globalSetup: '<rootDir>/test/support/page/global-page-setup.mjs',
  globalTeardown: '<rootDir>/test/support/page/global-page-teardown.mjs',
};

function project(displayName, testMatch, extra = {}) {
  return {
    displayName,
    testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '\\.ts$': ['@swc/jest', { ...swcOptions, swcrc: false }] },
    // JavaScript comes first, because packages may ship their sources beside it.
    moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
    // Sources import each other as the `.js` they are compiled to.
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
    ...extra,
  };
}

/** Configures the five suites; `node tools/jest.mjs unit` runs one. */
export default {
  // On a cluster a statement passes several servers, and a test makes its database on each of them.
  testTimeout: process.env.TEST_CITUS_URL ? 300_000 : 30_000,
  reporters: [
    'default',
    '<rootDir>/test/support/summary-reporter.mjs',
    ['<rootDir>/test/support/exit-reporter.mjs', { limitSeconds: 60 }],
  ],
  projects: [
    project('unit', ['src/**/*.spec.ts', 'test/unit/**/*.spec.ts']),
    project('integration', ['test/integration/**/*.spec.ts'], services),
    project('e2e', ['test/e2e/**/*.spec.ts'], services),
    project('security', ['test/security/**/*.spec.ts'], services),
    project('page', ['test/page/**/*.spec.ts'], pageServices),
  ],
};
