import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';

import type { ReadyConfiguration } from '../../src/config/configuration.js';
import type { IEventLogRepository } from '../../src/domain/repositories/event-log.repository.interface.js';
import { TEST_JWT_SECRET } from '../../test/support/service.js';
import type { BenchServers } from './bench-servers.js';

const BUILT = new URL('../../dist/src/', import.meta.url);

export interface InProcessApplication {
  readonly app: INestApplicationContext;
  readonly rollUp: (day: string) => Promise<unknown>;
  readonly queryLog: (day: string) => Promise<unknown>;
}

/** Loads the built service into this process, so that the measured time excludes a start. */
export async function startApplication(servers: BenchServers): Promise<InProcessApplication> {
  const [{ AppModule }, { CalculateDauCommand }, { loadConfiguration }, { EVENT_LOG_REPOSITORY }] =
    (await Promise.all(
      [
        'app.module.js',
        'application/commands/calculate-dau/calculate-dau.command.js',
        'config/configuration.js',
        'domain/repositories/event-log.repository.interface.js',
      ].map((file) => import(new URL(file, BUILT).href)),
    )) as [
      typeof import('../../src/app.module.js'),
      typeof import('../../src/application/commands/calculate-dau/calculate-dau.command.js'),
      typeof import('../../src/config/configuration.js'),
      typeof import('../../src/domain/repositories/event-log.repository.interface.js'),
    ];
  const config = loadConfiguration({ ...servers.env, JWT_SECRET: TEST_JWT_SECRET });
  const url = servers.database.serviceUrl;
  const ready: ReadyConfiguration = {
    ...config,
    database: { ...config.database, url, migrationUrl: servers.database.ownerUrl, isEmbedded: false },
  };
  const app = await NestFactory.createApplicationContext(AppModule.register(ready, { role: 'command' }), {
    logger: ['warn', 'error'],
    abortOnError: false,
  });
  const log = app.get<IEventLogRepository>(EVENT_LOG_REPOSITORY, { strict: false });
  return {
    app,
    rollUp: (day) => app.get(CommandBus).execute(new CalculateDauCommand(day)),
    queryLog: (day) => log.queryDau(day),
  };
}
