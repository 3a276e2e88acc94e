import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import type { ReplicaExit } from '../history/history.js';
import type { Store } from '../plan/stores.js';
import { KafkaStore } from './kafka-store.js';
import { PoolerStore } from './pooler-store.js';
import { PostgresStore } from './postgres-store.js';
import { RedisCluster } from './redis-cluster.js';
import type { RedisStore } from './redis-store.js';
import { SingleRedis } from './single-redis.js';
import { buildRelease, findRelease } from './release.js';
import { Replica } from './replica.js';
import { ReplicaLinks } from './replica-links.js';
import { createSecrets, productionSettings, type StageSecrets } from './replica-settings.js';

export interface StageOptions {
  readonly stores: readonly Store[];
  readonly replicas: number;
  readonly runDirectory: string;
  readonly onExit: (exit: ReplicaExit) => void;
  readonly elapsedMs: () => number;
}

/** Real stores, replicas in production mode, and a proxy on every link between them. */
export class Stage {
  private constructor(
    readonly postgres: PostgresStore,
    readonly pooler: PoolerStore | undefined,
    readonly redis: RedisStore,
    readonly kafka: KafkaStore,
    readonly links: readonly ReplicaLinks[],
    readonly replicas: readonly Replica[],
    readonly secrets: StageSecrets,
    private readonly releases: (() => unknown)[],
  ) {}

  /** Starts everything; what has been started is stopped again when a part fails. */
  static async start(options: StageOptions): Promise<Stage> {
    const releases: (() => unknown)[] = [];
    try {
      return await Stage.build(options, releases);
    } catch (error) {
      await releaseAll(releases);
      throw error;
    }
  }

  /** Settings of a command that connects to the stores directly. */
  get commandSettings(): Record<string, string> {
    return productionSettings(
      {
        DATABASE_URL: this.postgres.serviceUrlAt(this.postgres.port),
        ...this.redis.settings,
        ...this.kafka.settings,
      },
      this.secrets,
    );
  }

  async stop(): Promise<void> {
    await releaseAll(this.releases);
  }

  private static async build(options: StageOptions, releases: (() => unknown)[]): Promise<Stage> {
    const keep = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
      releases.push(() => part.stop());
      return part;
    };
    const has = (store: Store): boolean => options.stores.includes(store);
    const postgres = keep(
      await PostgresStore.start({ hasStandby: has('standby'), onSmallDisk: has('disk') }),
    );
    const pooler = has('pgbouncer') ? keep(await PoolerStore.start(postgres)) : undefined;
    const redis = keep(await (has('cluster') ? RedisCluster.start() : SingleRedis.start()));
    const kafka = keep(await KafkaStore.start({ isApache: has('kafka') }));
    const program = 'src/main.js';
    const release = has('release') ? findRelease() : undefined;
    const programs: readonly [string, ...string[]] =
      release === undefined ? [program] : [`${await buildRelease(release)}${program}`, program];
    const secrets = createSecrets();
    const links: ReplicaLinks[] = [];
    const replicas: Replica[] = [];
    for (let index = 0; index < options.replicas; index += 1) {
      const link = keep(await ReplicaLinks.open({ postgres: pooler ?? postgres, redis, kafka }));
      links.push(link);
      const replica = new Replica({
        ...options,
        index,
        port: await freePort(),
        settings: productionSettings(link.settings, secrets),
        programs,
        clockFile: join(options.runDirectory, `clock-${String(index)}`),
        saveLog: (text) => {
          appendFileSync(join(options.runDirectory, `replica-${String(index)}.log`), text);
        },
      });
      replicas.push(keep(replica));
      await replica.start();
    }
    return new Stage(postgres, pooler, redis, kafka, links, replicas, secrets, releases);
  }
}

async function releaseAll(releases: (() => unknown)[]): Promise<void> {
  // The last one started stops first; one that fails must not keep the others.
  for (const release of releases.splice(0).reverse()) {
    try {
      await release();
    } catch (error) {
      console.error('While stopping:', error);
    }
  }
}
