import type { CommandBus } from '@nestjs/cqrs';

/** Returns a bus that passes every command to one function. */
export function commandBusOf(execute: (command: never) => Promise<unknown>): CommandBus {
  return { execute } as unknown as CommandBus;
}
