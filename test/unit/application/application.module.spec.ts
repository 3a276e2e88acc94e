import { Command, Query } from '@nestjs/cqrs';
import type { DynamicModule } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { ApplicationModule } from '../../../src/application/application.module.js';
import { DeadLettersModule } from '../../../src/application/dead-letters.module.js';

type Class = new (...args: never[]) => object;

function applicationModule({ backgroundWork }: { readonly backgroundWork: boolean }): DynamicModule {
  return ApplicationModule.register({
    adapters: [],
    eventMaxAgeDays: 7,
    trustsBodyUserId: true,
    outboxTarget: 'kafka',
    placeNaming: 'canonical',
    retention: { events: null, actives: null },
    backgroundWork,
  });
}

/** Returns the command or query of a class with `@CommandHandler()` or `@QueryHandler()`. */
function handledBy(provider: Class): Class | undefined {
  return (Reflect.getMetadata('__commandHandler__', provider) ??
    Reflect.getMetadata('__queryHandler__', provider)) as Class | undefined;
}

function handlers(): { readonly handler: string; readonly handles: Class }[] {
  const modules = [applicationModule({ backgroundWork: true }), DeadLettersModule.register({ adapters: [] })];
  return modules
    .flatMap(({ providers = [] }) => providers)
    .flatMap((provider) => {
      if (typeof provider !== 'function') return [];
      const handles = handledBy(provider as Class);
      return handles === undefined ? [] : [{ handler: provider.name, handles }];
    });
}

describe('the handlers of the application', () => {
  it('are all registered', () => {
    expect(handlers()).toHaveLength(35);
  });

  it.each(handlers())(
    'trap 15: $handler answers a class that extends Command<R> or Query<R>, else execute() returns any',
    ({ handles }) => {
      const { prototype } = handles as { readonly prototype: unknown };
      expect(prototype instanceof Command || prototype instanceof Query).toBe(true);
    },
  );

  it('trap 15: are one for each command and query: of two, the last would silently win', () => {
    const handled = handlers().map(({ handles }) => handles);
    expect(new Set(handled).size).toBe(handled.length);
  });
});

it('schedules and consumes nothing for a command run by hand, which must not compete with the service', () => {
  const names = (backgroundWork: boolean): string[] =>
    (applicationModule({ backgroundWork }).providers ?? []).flatMap((provider) =>
      typeof provider === 'function' ? [provider.name] : [],
    );
  expect(names(true)).toContain('AnalyticsScheduler');
  expect(names(true)).toContain('IdentityEventsListener');
  expect(names(false)).not.toContain('AnalyticsScheduler');
  expect(names(false)).not.toContain('IdentityEventsListener');
});
