import { Command, Query } from '@nestjs/cqrs';
import { describe, expect, it } from '@jest/globals';
import { ApplicationModule } from '../../../src/application/application.module.js';

type Class = new (...args: never[]) => object;

/** Returns the command or query that a decorated class handles. */
function handledBy(provider: Class): Class | undefined {
  return (Reflect.getMetadata('__commandHandler__', provider) ??
    Reflect.getMetadata('__queryHandler__', provider)) as Class | undefined;
}

function handlers(): { readonly handler: string; readonly handles: Class }[] {
  const { providers = [] } = ApplicationModule.register({
    adapters: [],
    eventMaxAgeDays: 7,
    trustsBodyUserId: true,
    backgroundWork: true,
  });
  return providers.flatMap((provider) => {
    if (typeof provider !== 'function') return [];
    const handles = handledBy(provider as Class);
    return handles === undefined ? [] : [{ handler: provider.name, handles }];
  });
}

describe('ApplicationModule', () => {
  it('registers every handler', () => {
    expect(handlers()).toHaveLength(12);
  });

  it.each(handlers())(
    'trap 15: $handler handles a class that extends Command<R> or Query<R>',
    ({ handles }) => {
      const { prototype } = handles as { readonly prototype: unknown };
      expect(prototype instanceof Command || prototype instanceof Query).toBe(true);
    },
  );

  it('trap 15: registers one handler for each command and query', () => {
    const handled = handlers().map(({ handles }) => handles);
    expect(new Set(handled).size).toBe(handled.length);
  });
});

it('schedules and consumes nothing in an operator command', () => {
  const names = (backgroundWork: boolean): string[] =>
    (
      ApplicationModule.register({ adapters: [], eventMaxAgeDays: 7, trustsBodyUserId: true, backgroundWork })
        .providers ?? []
    ).flatMap((provider) => (typeof provider === 'function' ? [provider.name] : []));
  expect(names(true)).toContain('AnalyticsScheduler');
  expect(names(true)).toContain('IdentityEventsListener');
  expect(names(false)).not.toContain('AnalyticsScheduler');
  expect(names(false)).not.toContain('IdentityEventsListener');
});
