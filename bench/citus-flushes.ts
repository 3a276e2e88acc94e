/** `npm run bench:citus` compares flushes on a Citus cluster with one PostgreSQL; docs/citus.md has the results. */
import { Logger } from '@nestjs/common';

import { addDaysToKey } from '../src/shared/utils/timezone.util.js';
import { asOwner, withDatabase } from '../test/support/as-owner.js';
import { clusterUrl, workerUrls } from '../test/support/citus/cluster.js';
import {
  cleanServer,
  createDistributedDatabase,
  createPlainDatabase,
  prepareServer,
  type TestDatabase,
} from '../test/support/database.js';
import { shanghaiDay } from '../test/support/events.js';
import { startPostgresServer } from '../test/support/postgres.js';
import { commandLineOf } from '../tools/support/command-line-of.js';
import { measureFlushes, type FlushPath, type Measured } from './scenarios/citus-flushes.js';
import { BENCH_CITUS } from './support/citus-command.js';
import { format, print } from './support/output.js';
import { findPostmaster } from './support/server-cpu.js';
import { median } from './support/statistics.js';

Logger.overrideLogger(['error']);
const options = commandLineOf(BENCH_CITUS);
const cluster = clusterUrl();
if (cluster === null) {
  console.error('TEST_CITUS_URL must name a database of a coordinator; it is not set. See docs/citus.md.');
  process.exit(2);
}

const given = process.env['TEST_DATABASE_URL'];
const own = given === undefined || given === '' ? await startPostgresServer() : null;
const plainUrl = own?.ownerUrl ?? given ?? '';
const undo: (() => Promise<unknown>)[] = [async () => own?.stop()];
try {
  await prepareServer(plainUrl);
  undo.unshift(() => cleanServer(plainUrl));
  const plain = await createPlainDatabase(plainUrl);
  undo.unshift(() => plain.drop());
  const distributed = await createDistributedDatabase(cluster);
  undo.unshift(() => distributed.drop());
  for (const database of [plain, distributed]) {
    print(`${new URL(database.ownerUrl).host}: ${await describeServer(database)}`);
    await asOwner(database.ownerUrl, (client) =>
      client.query('SELECT analytics_ensure_partitions($1, $2)', [
        addDaysToKey(shanghaiDay(), -1),
        addDaysToKey(shanghaiDay(), 1),
      ]),
    );
  }
  await compare(await pathsOf(cluster, plain, distributed));
} finally {
  for (const step of undo) await step();
}

async function describeServer({ ownerUrl }: TestDatabase): Promise<string> {
  return asOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ version: string; fsync: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`,
    );
    return `PostgreSQL ${rows[0]?.version ?? '?'}, fsync ${rows[0]?.fsync ?? '?'}`;
  });
}

async function pathsOf(url: string, plain: TestDatabase, distributed: TestDatabase): Promise<FlushPath[]> {
  const workers = (await workerUrls(url)).map((each) => withDatabase(each, distributed.name));
  const servers = await Promise.all([distributed.ownerUrl, ...workers].map(findPostmaster));
  const asService = (worker: string): string => {
    const changed = new URL(distributed.serviceUrl);
    changed.host = new URL(worker).host;
    return changed.href;
  };
  const common = { url: distributed.serviceUrl, isDistributed: true, servers };
  return [
    {
      name: 'plain',
      url: plain.serviceUrl,
      workers: [],
      isDistributed: false,
      servers: [await findPostmaster(plain.ownerUrl)],
    },
    { ...common, name: 'through the coordinator', workers: [] },
    { ...common, name: 'straight to the workers', workers: workers.map(asService) },
  ];
}

/** Measures every path in each round, so that a busy moment of the machine does not meet one of them alone. */
async function compare(paths: readonly FlushPath[]): Promise<void> {
  for (const rows of options.rows) {
    const measured = new Map<FlushPath, Measured[]>(paths.map((path) => [path, []]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const path of round % 2 === 0 ? paths.toReversed() : paths) {
        const figures = await measureFlushes(path, rows, options);
        measured.get(path)?.push(figures);
        print(`  ${rows} rows, round ${round} of ${options.rounds}, ${path.name}: ${describe(figures)}`);
      }
    }
    report(rows, measured);
  }
}

function report(rows: number, measured: ReadonlyMap<FlushPath, readonly Measured[]>): void {
  const totals = [...measured].map(([path, all]) => ({ path, all, total: median(all.map(totalOf)) }));
  const plain = totals[0]?.total ?? NaN;
  print(`Flushes of ${rows} rows, medians of ${options.rounds} rounds:`);
  for (const { path, all, total } of totals) {
    const coordinator = median(all.map(({ microseconds }) => microseconds[0] ?? NaN));
    const share = path.isDistributed ? `, ${format(coordinator)} of these of the coordinator` : '';
    print(
      `  ${path.name}: ${format(median(all.map(({ rowsPerSecond }) => rowsPerSecond)))} rows/s, ` +
        `${format(total)} µs of CPU an event${share}, ${(total / plain).toFixed(2)} of plain`,
    );
  }
}

function totalOf({ microseconds }: Measured): number {
  return microseconds.reduce((sum, each) => sum + each, 0);
}

function describe({ rowsPerSecond, microseconds }: Measured): string {
  return `${format(rowsPerSecond)} rows/s, ${microseconds.map((each) => format(each)).join(' + ')} µs`;
}
