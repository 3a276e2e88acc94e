import { BENCH } from '../bench/support/bench-options.js';
import { BENCH_CITUS } from '../bench/support/citus-command.js';
import { BENCH_FLAME } from '../bench/support/flame-graph-command.js';
import { BENCH_OUTBOX } from '../bench/support/outbox-drain-command.js';
import { CLIENT_CONFORMANCE } from '../clients/conformance/options.js';
import { ACTIVES_BUILD } from '../src/cli/definitions/actives-build.js';
import { DAU_AUDIT } from '../src/cli/definitions/dau-audit.js';
import { DAU_CALCULATE } from '../src/cli/definitions/dau-calculate.js';
import { DLQ_REPLAY } from '../src/cli/definitions/dlq-replay.js';
import { EVENTS_IMPORT } from '../src/cli/definitions/events-import.js';
import { MIGRATE } from '../src/cli/definitions/migrate.js';
import { USER_ERASE } from '../src/cli/definitions/user-erase.js';
import { OUTBOX_STATUS } from '../src/cli/definitions/outbox-status.js';
import { RETENTION } from '../src/cli/definitions/retention.js';
import type { CommandDefinition } from '../src/cli/support/command-definition.js';
import { CHECK_API } from './api/check-api-command.js';
import { CHAOS } from './chaos/options.js';
import { CHECK_CITUS } from './citus/options.js';
import { DEMO } from './demo/demo-command.js';
import { CHECK_CHART } from './helm/check-chart-command.js';
import { CHECK_IMAGE } from './image/check-image-command.js';
import { IMAGE_PIN } from './image/pin-images-command.js';
import { CHECK_RECORDED_INPUT } from './recorded-input/recorded-input-command.js';
import { RELEASE } from './release/release-command.js';
import { CHECK_RUNTIME } from './runtime/check-runtime-command.js';
import { SBOM } from './sbom/sbom-command.js';
import { SCREENSHOTS } from './screenshots/screenshots-command.js';
import { SIMULATE } from './simulation/options.js';

/** Names a step that must be done before the program of a command can be loaded. */
export type Preparation = 'test-services' | 'generate' | 'build' | 'quick-build';

export interface Command {
  readonly definition: CommandDefinition<unknown>;
  /** Runs after the arguments were checked. */
  readonly prepare: readonly Preparation[];
  /** Program, from the root of the project. */
  readonly program: string;
}

/** Returns a definition without arguments. */
const plain = (name: string, summary: string): CommandDefinition<unknown> => ({
  name,
  summary,
  examples: [''],
  read: () => null,
});

const LINT_COMMENTS: CommandDefinition<unknown> = {
  name: 'lint:comments',
  summary: 'Finds comments that are too long or open with a fragment. Exit code 1 when there is one.',
  positionals: [{ name: 'PATH', help: 'narrows the run; without paths all files are read', repeated: true }],
  options: {
    list: { help: 'prints each comment, not only their number in each directory' },
    cwd: { value: 'DIR', help: 'reads the files below this directory' },
  },
  examples: ['src/cli'],
  read: () => null,
};

const built = (definition: CommandDefinition<unknown>, name: string): Command => ({
  definition,
  prepare: ['build'],
  program: `dist/src/cli/${name}.js`,
});

/** Every npm script that takes arguments or has an effect of its own; `tools/run-command.mjs` runs it. */
export const COMMANDS: readonly Command[] = [
  built(MIGRATE, 'migrate'),
  built(EVENTS_IMPORT, 'events-import'),
  built(DAU_CALCULATE, 'dau-calculate'),
  built(ACTIVES_BUILD, 'actives-build'),
  built(DAU_AUDIT, 'dau-audit'),
  built(USER_ERASE, 'user-erase'),
  built(OUTBOX_STATUS, 'outbox-status'),
  built(DLQ_REPLAY, 'dlq-replay'),
  { definition: DEMO, prepare: ['quick-build'], program: 'tools/demo.ts' },
  built(RETENTION, 'retention'),
  { definition: SIMULATE, prepare: ['generate'], program: 'tools/simulate.ts' },
  { definition: CLIENT_CONFORMANCE, prepare: [], program: 'clients/conformance/conformance.ts' },
  { definition: CHAOS, prepare: ['test-services', 'build'], program: 'tools/chaos.ts' },
  { definition: BENCH, prepare: ['test-services', 'build'], program: 'bench/bench.ts' },
  { definition: BENCH_CITUS, prepare: ['generate'], program: 'bench/citus-flushes.ts' },
  { definition: BENCH_FLAME, prepare: [], program: 'bench/flame-graph.ts' },
  { definition: BENCH_OUTBOX, prepare: ['generate'], program: 'bench/outbox-drain.ts' },
  { definition: CHECK_CITUS, prepare: ['generate'], program: 'tools/citus/check-citus.ts' },
  { definition: SCREENSHOTS, prepare: ['test-services', 'build'], program: 'tools/screenshots.ts' },
  { definition: SBOM, prepare: [], program: 'tools/sbom/sbom.ts' },
  { definition: RELEASE, prepare: [], program: 'tools/release/release.ts' },
  { definition: CHECK_CHART, prepare: [], program: 'tools/helm/check-chart.ts' },
  { definition: CHECK_API, prepare: ['build'], program: 'tools/api/check-api.ts' },
  { definition: IMAGE_PIN, prepare: [], program: 'tools/image/pin-images.ts' },
  { definition: CHECK_RUNTIME, prepare: ['generate'], program: 'tools/runtime/check-runtime.ts' },
  { definition: CHECK_IMAGE, prepare: [], program: 'tools/image/check-image.ts' },
  {
    definition: CHECK_RECORDED_INPUT,
    prepare: [],
    program: 'tools/recorded-input/check-recorded-input.ts',
  },
  {
    definition: plain('prisma:generate', 'Writes the Prisma client unless it is fresh.'),
    prepare: [],
    program: 'tools/prisma-generate.mjs',
  },
  {
    definition: plain('docs:generate', 'Writes the documents that are made from the code.'),
    prepare: [],
    program: 'tools/generate-docs.ts',
  },
  {
    definition: plain('audit', 'Checks package-lock.json and, where the registry answers, its advisories.'),
    prepare: [],
    program: 'tools/audit.mjs',
  },
  {
    definition: plain('start:dev', 'Compiles on every change and restarts the service.'),
    prepare: [],
    program: 'tools/start-dev.mjs',
  },
  { definition: LINT_COMMENTS, prepare: [], program: 'tools/lint/lint-comments.mjs' },
];
