import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ApiModule } from './api/api.module.js';
import { ApplicationModule } from './application/application.module.js';
import type { ReadyConfiguration } from './config/configuration.js';
import { InfrastructureModule } from './infrastructure/infrastructure.module.js';

export interface AppOptions {
  /** `service` answers requests, runs the jobs and relays the outbox; `command` does only what it is told. */
  readonly role: 'service' | 'command';
}

/**
 * Without Kafka only the embedded database's outbox is emptied into the log. One that was given may be somebody's real
 * one: its messages wait for a service that has Kafka.
 */
function mayRelay(config: ReadyConfiguration): boolean {
  return config.kafka !== null || config.database.isEmbedded;
}

/** The only place that knows both the application and its adapters. */
@Module({})
export class AppModule {
  static register(config: ReadyConfiguration, { role }: AppOptions): DynamicModule {
    const isService = role === 'service';
    const application = ApplicationModule.register({
      adapters: [InfrastructureModule.register(config, { relayOutbox: isService && mayRelay(config) })],
      eventMaxAgeDays: config.app.eventMaxAgeDays,
      trustsBodyUserId: config.app.trustsBodyUserId,
      backgroundWork: isService,
    });
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          skipProcessEnv: true,
          load: [() => config],
        }),
        isService ? ApiModule.register(application) : application,
      ],
    };
  }
}
