import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ApiModule } from './api/api.module.js';
import { ApplicationModule } from './application/application.module.js';
import type { ReadyConfiguration } from './config/configuration.js';
import { InfrastructureModule } from './infrastructure/infrastructure.module.js';

export interface AppOptions {
  /**
   * `service` answers requests, runs jobs and relays the outbox; `command` runs one command of an operator.
   */
  readonly role: 'service' | 'command';
}

/**
 * Relays without Kafka only from the embedded database, into the log. A database that was configured may
 * hold real messages, which wait for a service with Kafka.
 */
function mayRelay(config: ReadyConfiguration): boolean {
  return config.kafka !== null || config.database.isEmbedded;
}

/** Composes the application with its adapters; no other file knows both. */
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
