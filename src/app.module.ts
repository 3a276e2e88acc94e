import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ApiModule } from './api/api.module.js';
import { ApplicationModule } from './application/application.module.js';
import type { OutboxTarget } from './application/queries/get-outbox-status/get-outbox-status.query.js';
import { DeadLettersModule } from './application/dead-letters.module.js';
import type { ReadyConfiguration } from './config/configuration.js';
import type { KafkaConfig } from './config/kafka.config.js';
import { InfrastructureModule } from './infrastructure/infrastructure.module.js';

export interface AppOptions {
  /** `service` answers requests, runs the jobs and relays the outbox; `command` runs one command or query. */
  readonly role: 'service' | 'command';
}

/**
 * Returns where a service with these settings sends the outbox. Without Kafka the messages of a given database wait;
 * those of the embedded one go to the debug log.
 */
function outboxTargetOf(config: ReadyConfiguration): OutboxTarget {
  if (config.kafka !== null) return 'kafka';
  return config.database.isEmbedded ? 'log' : null;
}

/** Composition root: the only place that knows both the application and its adapters. */
@Module({})
export class AppModule {
  static register(config: ReadyConfiguration, { role }: AppOptions): DynamicModule {
    const isService = role === 'service';
    const application = ApplicationModule.register({
      adapters: [
        InfrastructureModule.register(config, {
          relayOutbox: isService && outboxTargetOf(config) !== null,
          traces: isService,
        }),
      ],
      eventMaxAgeDays: config.app.eventMaxAgeDays,
      trustsBodyUserId: config.app.trustsBodyUserId,
      outboxTarget: outboxTargetOf(config),
      placeNaming: config.app.placeNaming,
      retention: config.app.retention,
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

  /** Composes the use cases on dead letters, which work without a database. */
  static forDeadLetters(kafka: KafkaConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [DeadLettersModule.register({ adapters: [InfrastructureModule.forDeadLetters(kafka)] })],
    };
  }
}
