import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ReplayDeadLettersHandler } from './commands/replay-dead-letters/replay-dead-letters.handler.js';

export interface DeadLettersOptions {
  /** Modules that provide the port `dead-letters.port.ts`. */
  readonly adapters: NonNullable<ModuleMetadata['imports']>;
}

/** Use cases that need the message broker and no database. */
@Module({})
export class DeadLettersModule {
  static register({ adapters }: DeadLettersOptions): DynamicModule {
    return {
      module: DeadLettersModule,
      imports: [CqrsModule.forRoot(), ...adapters],
      providers: [ReplayDeadLettersHandler],
      exports: [CqrsModule],
    };
  }
}
