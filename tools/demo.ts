import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UsageError } from '../src/cli/support/usage-error.js';
import { readEnvironment } from '../src/config/configuration.js';
import { formatToDateKey, startOfDayInTimezone } from '../src/shared/utils/timezone.util.js';
import { DEMO, type DemoOptions } from './demo/demo-command.js';
import { demoEnvironment, refuseRealServers } from './demo/demo-environment.js';
import { demoDatabaseUrl } from './demo/demo-database-url.js';
import { DemoError, DemoService } from './demo/demo-service.js';
import { openDemoDirectory, removeDemoData, type DemoDirectory } from './demo/demo-directory.js';
import { readState, writeState, type DemoState } from './demo/demo-state.js';
import { describeDemo } from './demo/describe-demo.js';
import { calculateDays, prepareDays, storeDays, storeMinutes, type PastDays } from './demo/fill-history.js';
import { LivingCrowd } from './demo/living-crowd.js';
import { sendSessions } from './demo/send-today.js';
import { Timeline } from './demo/timeline.js';
import { waitForLiveDau } from './demo/wait-for-live-dau.js';
import { HttpClient } from './simulation/delivery/http-client.js';
import { TokenIssuer } from './simulation/delivery/token-issuer.js';
import { commandLineOf } from './support/command-line-of.js';
import { hostEnvironment } from './support/host-environment.js';

const TOKEN_LIFETIME_MS = 30 * 86_400_000;
const CONNECTIONS = 16;
const REQUEST_TIMEOUT_MS = 10_000;

const startedMs = performance.now();

function log(line: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0).padStart(3);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

/** `npm run demo`: see tools/demo/demo-command.ts. */
async function main(): Promise<void> {
  const options = commandLineOf(DEMO);
  const environment = readEnvironment();
  refuseRealServers(environment);
  const place = openDemoDirectory(options.data, environment['EMBEDDED_POSTGRES_DIRECTORY']);
  if (options.fresh) removeDemoData(place);
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        done();
      });
  });
  // A token of one demo opens no other service.
  const jwtSecret = randomBytes(32).toString('hex');
  const tokens = new TokenIssuer(jwtSecret, Date.now(), TOKEN_LIFETIME_MS);
  const service = new DemoService(
    demoEnvironment(hostEnvironment(), { port: options.port, jwtSecret, dataDirectory: place.database }),
    join(place.directory, 'service.log'),
    tokens.forAdmin('admin'),
    (line) => {
      log(`  ${line}`);
    },
  );
  const run = async (): Promise<void> => {
    log(`Starting the service with an embedded PostgreSQL in ${options.data}`);
    const state = readState(place.directory, Date.now(), options.days);
    const timeline = new Timeline(state.firstDay);
    const todayMs = startOfDayInTimezone(formatToDateKey(new Date())).getTime();
    const eventsPath = join(place.directory, 'history.jsonl');
    // Inventing the days takes one core for seconds, and so does the start.
    const [past] = await Promise.all([
      prepareDays(timeline, { fromMs: state.untilMs, untilMs: todayMs, eventsPath }),
      service.start(),
    ]);
    const history = { ...state, timeline, past, todayMs };
    await Promise.race([live(service, tokens, options, place, history, stopped), service.failsWhenItEnds()]);
  };
  try {
    await Promise.race([run(), stopped]);
  } finally {
    log('Stopping');
    await service.stop();
  }
}

interface History extends DemoState {
  readonly timeline: Timeline;
  /** Sessions and minutes of the days before today. */
  readonly past: PastDays;
  /** Start of today, Unix milliseconds. */
  readonly todayMs: number;
}

/** Fills the history, and lets the crowd live until the demo is stopped. */
async function live(
  service: DemoService,
  tokens: TokenIssuer,
  { port }: DemoOptions,
  { directory, database }: DemoDirectory,
  { firstDay, untilMs: fromMs, timeline, past, todayMs }: History,
  stopped: Promise<void>,
): Promise<void> {
  const untilMs = Date.now();
  const http = new HttpClient(new URL(service.url), CONNECTIONS, REQUEST_TIMEOUT_MS);
  const crowd = new LivingCrowd(timeline, http, tokens, Date.now);
  crowd.start();
  const filling = { databaseUrl: demoDatabaseUrl(database), log };
  try {
    const today = [...timeline.between(Math.max(fromMs, todayMs), untilMs)];
    await Promise.all([
      storeDays(service, past, filling),
      sendSessions(
        http,
        tokens,
        today.flatMap(({ events }) => events),
      ),
      storeMinutes(
        filling.databaseUrl,
        today.flatMap(({ snapshots }) => snapshots),
      ),
    ]);
    await calculateDays(service, { fromMs, untilMs, log });
    writeState(directory, { firstDay, untilMs });
    const admin = tokens.forAdmin('admin');
    if (!(await waitForLiveDau(http, admin))) log('The live DAU lags behind and follows within a minute');
    log('The history is complete: open the page. Users come and go until Ctrl-C');
    process.stdout.write(describeDemo(port, admin, firstDay, formatToDateKey(new Date(untilMs))));
    await stopped;
    writeState(directory, { firstDay, untilMs: Date.now() });
  } finally {
    crowd.stop();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof DemoError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
process.exit();
