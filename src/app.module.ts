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

/** The only place that knows both the application and its adapters. */
@Module({})
export class AppModule {
  static register(config: ReadyConfiguration, { role }: AppOptions): DynamicModule {
    const isService = role === 'service';
    const application = ApplicationModule.register({
      adapters: [InfrastructureModule.register(config, { relayOutbox: isService })],
      eventMaxAgeDays: config.app.eventMaxAgeDays,
      scheduledJobs: isService,
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
