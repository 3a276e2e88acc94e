import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CheckFailedError, runCheck, runStep, skipStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { freePort } from '../support/free-port.js';
import { describeExit, killIfRunning, killStartedProcesses, waitForExit } from '../support/processes.js';
import { waitUntilReady } from '../support/wait-until-ready.js';
import { BuiltService } from './built-service.js';
import { compareActives, type ExpectedActives } from './compare-actives.js';
import { compareDays, type DauAnswer, type Day } from './compare-days.js';
import { findProcessesOf } from './processes-of-directory.js';
import { CHECK_RECORDED_INPUT } from './recorded-input-command.js';
import { splitEvents } from './split-events.js';

type Row = Readonly<Record<string, unknown>>;

const FIRST_DAY = '2018-11-01';
const LAST_DAY = '2018-12-01';
const START_TIMEOUT_MS = 3 * 60_000;
const STOP_TIMEOUT_MS = 60_000;

interface Expected {
  /** The number of lines of the events file. */
  readonly events: number;
  /** Ascending by day. */
  readonly days: readonly Day[];
  /** Null when the days alone are compared. */
  readonly actives: ExpectedActives | null;
}

/**
 * Imports a month of recorded events, the earliest third last, and compares the answers with figures that were computed
 * independently. A second import must change nothing, and the stopped service must leave nothing.
 */
async function checkRecordedInput(eventsFile: string, expected: Expected): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recorded-input-'));
  // Under root the embedded PostgreSQL runs as another user, which must reach its files.
  chmodSync(directory, 0o755);
  const service = new BuiltService({
    port: await freePort(),
    jwtSecret: randomBytes(48).toString('base64url'),
    postgresDirectory: join(directory, 'postgres'),
  });
  try {
    await importAndCompare(service, eventsFile, expected, directory);
    await runStep('find no process that still runs', () => expectNoProcessOf(directory));
  } finally {
    killStartedProcesses();
    for (const { pid } of findProcessesOf(directory)) killIfRunning(pid);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function importAndCompare(
  service: BuiltService,
  eventsFile: string,
  expected: Expected,
  directory: string,
): Promise<void> {
  const { files, counts } = splitEvents(eventsFile, directory);
  await runStep(
    'import the later two thirds into an empty database',
    () => importExpecting(service, files[0], counts[0]),
    () => `${counts[0]} events accepted`,
  );
  await runStep('calculate the days', () => service.calculateDays(FIRST_DAY, LAST_DAY));
  await runStep(
    'import the earliest third',
    () => importExpecting(service, files[1], expected.events - counts[0]),
    () => `${counts[1]} events accepted`,
  );
  await runStep('calculate the days again', () => service.calculateDays(FIRST_DAY, LAST_DAY));
  const running = service.start();
  await runStep('start the service', () =>
    waitUntilReady(service.url, running, { timeoutMs: START_TIMEOUT_MS }),
  );
  await runStep(
    'compare the answer with the expected days',
    async () => compareDays(await queryDau(service), expected.days),
    () => `${expected.days.length} days equal in every field`,
  );
  const { actives } = expected;
  const spans = 'compare the figures over spans of days';
  if (actives === null) skipStep(spans, 'ACTIVES.json is not given');
  else {
    await runStep(
      spans,
      () => compareActives(async (path) => (await service.query<{ data: Row[] }>(path)).data, actives),
      () => `${actives.days.length} days and ${actives.spans.length} spans equal in every figure`,
    );
  }
  await runStep(
    'import again beside the running service',
    async () => {
      await importExpecting(service, eventsFile, 0);
      compareDays(await queryDau(service), expected.days);
    },
    () => '0 events accepted, the answer is the same',
  );
  await runStep(
    'stop the service with SIGTERM to npm',
    () => {
      running.signal('SIGTERM');
      return waitForExit(running, STOP_TIMEOUT_MS);
    },
    describeExit,
  );
}

function queryDau(service: BuiltService): Promise<DauAnswer> {
  return service.query(`/analytics/dau?startDate=${FIRST_DAY}&endDate=${LAST_DAY}`);
}

async function importExpecting(service: BuiltService, file: string, expected: number): Promise<void> {
  const accepted = await service.importEvents(file);
  if (accepted !== expected) {
    throw new CheckFailedError(`The import accepted ${accepted} events, expected ${expected}`);
  }
}

function expectNoProcessOf(directory: string): void {
  const left = findProcessesOf(directory).map(({ pid, command }) => `  ${pid} ${command}`);
  if (left.length > 0) throw new CheckFailedError(`Processes still run:\n${left.join('\n')}`);
}

const files = commandLineOf(CHECK_RECORDED_INPUT);
const readJson = (path: string): unknown => JSON.parse(readFileSync(resolve(path), 'utf8'));
const expected = readJson(files.expected) as Omit<Expected, 'actives'>;
const actives = files.expectedActives === null ? null : (readJson(files.expectedActives) as ExpectedActives);
await runCheck(() => checkRecordedInput(resolve(files.events), { ...expected, actives }));
