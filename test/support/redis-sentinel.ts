import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';

import { assemble } from './parts.js';
import { freePort, startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from './processes.js';
import { startRedisServer, type RedisServer } from './redis.js';

export const MASTER_NAME = 'presence';

export interface TestSentinels {
  /** the master at the start, then its replicas */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** Freezes a Sentinel: connections stay open and commands stay unanswered. */
  pauseSentinel(index: number): void;
  resumeSentinel(index: number): void;
  /** Makes the Sentinels promote a replica although the master is well. */
  failOver(): Promise<void>;
  /** Waits until the Sentinels name another master than this. @returns that one */
  masterAfter(former: RedisServer): Promise<RedisServer>;
  stop(): Promise<void>;
}

/** Starts a master, two replicas and three Sentinels that notice an outage after a second. */
export function startSentinels(): Promise<TestSentinels> {
  return assemble(async (parts) => {
    const startServer = (args: readonly string[] = []): Promise<RedisServer> =>
      parts.add(startRedisServer({ args }), (server) => server.stop());
    const master = await startServer();
    const replicaOf = ['--replicaof', master.host, String(master.port), '--repl-diskless-sync-delay', '0'];
    const servers = [master, ...(await Promise.all([0, 1].map(() => startServer(replicaOf))))];
    const ports = [await freePort(), await freePort(), await freePort()];
    const processes = await Promise.all(
      ports.map((port) => parts.add(startSentinel(port, master), (each) => each.stop())),
    );
    const sentinels = ports.map((port) => ({ host: '127.0.0.1', port }));
    const first = await parts.add(connectTo(ports[0]!), (client) => client.disconnect());
    await waitFor(() => isComplete(first), 30_000, {
      what: 'the Sentinels know the replicas and each other',
    });
    return {
      servers,
      sentinels,
      pauseSentinel: (index) => processes[index]?.signal('SIGSTOP'),
      resumeSentinel: (index) => processes[index]?.signal('SIGCONT'),
      failOver: async () => {
        // Refused for a moment after another failover.
        await waitFor(async () => first.call('SENTINEL', 'FAILOVER', MASTER_NAME), 30_000);
      },
      masterAfter: (former) =>
        waitFor(
          async () => {
            const port = await masterPort(first);
            return port === former.port ? undefined : servers.find((server) => server.port === port);
          },
          30_000,
          { what: 'the Sentinels name another master' },
        ),
      stop: () => parts.stop(),
    };
  });
}

async function connectTo(port: number): Promise<Redis> {
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 100 });
  client.on('error', () => undefined);
  return client;
}

async function startSentinel(port: number, master: RedisServer): Promise<GuardedProcess> {
  const directory = temporaryDirectory('sentinel');
  const file = join(directory, 'sentinel.conf');
  // A Sentinel writes its file anew, so each has its own.
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `sentinel monitor ${MASTER_NAME} ${master.host} ${master.port} 2`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
      `sentinel failover-timeout ${MASTER_NAME} 1000`,
    ].join('\n'),
  );
  return startGuarded({ command: 'redis-server', args: [file, '--sentinel'], directory });
}

async function masterPort(sentinel: Redis): Promise<number> {
  const address = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
  return Number((address as string[])[1]);
}

async function isComplete(sentinel: Redis): Promise<boolean> {
  const [replicas, others] = await Promise.all(
    ['REPLICAS', 'SENTINELS'].map((list) => sentinel.call('SENTINEL', list, MASTER_NAME)),
  );
  return (replicas as unknown[]).length === 2 && (others as unknown[]).length === 2;
}
