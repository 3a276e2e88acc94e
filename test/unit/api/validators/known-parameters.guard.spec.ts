import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { GUARDS_METADATA, METHOD_METADATA } from '@nestjs/common/constants.js';
import { ActivesController } from '../../../../src/api/controllers/actives.controller.js';
import { AnalyticsController } from '../../../../src/api/controllers/analytics.controller.js';
import { HealthController } from '../../../../src/api/controllers/health.controller.js';
import { InternalActivesController } from '../../../../src/api/controllers/internal-actives.controller.js';
import { InternalPresenceController } from '../../../../src/api/controllers/internal-presence.controller.js';
import { InternalController } from '../../../../src/api/controllers/internal.controller.js';
import { LiveController } from '../../../../src/api/controllers/live.controller.js';
import { PresenceController } from '../../../../src/api/controllers/presence.controller.js';
import { StatusController } from '../../../../src/api/controllers/status.controller.js';
import { ApiModule } from '../../../../src/api/api.module.js';
import { KnownParametersGuard } from '../../../../src/api/validators/known-parameters.guard.js';
import { InternalGuard } from '../../../../src/shared/guards/internal.guard.js';
import { applicationError } from '../../expectations.js';

interface Controller {
  readonly name: string;
  readonly prototype: object;
}

const guard = new KnownParametersGuard();

/** Asks the guard about a request of a route. */
function check(controller: Controller, method: string, query: Record<string, unknown>): boolean {
  const handler = (controller.prototype as Record<string, () => unknown>)[method] as () => unknown;
  const context = {
    getClass: () => controller,
    getHandler: () => handler,
    switchToHttp: () => ({ getRequest: () => ({ method: 'GET', url: '/a/route?x', query }) }),
  };
  return guard.canActivate(context as unknown as ExecutionContext);
}

function handlersOf({ prototype }: Controller): string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => {
    const handler = (prototype as Record<string, unknown>)[name];
    return typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler);
  });
}

function guardsOf(controller: Controller): unknown[] {
  return (Reflect.getMetadata(GUARDS_METADATA, controller) ?? []) as unknown[];
}

describe('KnownParametersGuard', () => {
  it('guards every controller except the probes, after the guards that authenticate', () => {
    const { controllers } = ApiModule.register({ module: ApiModule });
    expect(new Set(controllers)).toEqual(
      new Set([
        ...[AnalyticsController, ActivesController, PresenceController, HealthController, LiveController],
        ...[InternalController, InternalActivesController, InternalPresenceController, StatusController],
      ]),
    );
    expect(guardsOf(AnalyticsController)).toEqual([KnownParametersGuard]);
    expect(guardsOf(ActivesController)).toEqual([KnownParametersGuard]);
    expect(guardsOf(InternalActivesController)).toEqual([InternalGuard, KnownParametersGuard]);
    expect(guardsOf(LiveController)).toEqual([KnownParametersGuard]);
    expect(guardsOf(PresenceController)).toEqual([KnownParametersGuard]);
    expect(guardsOf(StatusController)).toEqual([KnownParametersGuard]);
    expect(guardsOf(InternalController)).toEqual([InternalGuard, KnownParametersGuard]);
    expect(guardsOf(InternalPresenceController)).toEqual([InternalGuard, KnownParametersGuard]);
    expect(guardsOf(HealthController)).toEqual([]);
  });

  it.each([
    [AnalyticsController, 'getDauStats', 'startDate, endDate, province, city, zeroDays'],
    [InternalController, 'getDauForReporting', 'startDate, endDate, province, city, zeroDays, changedSince'],
    [PresenceController, 'getOnlineHistory', 'startTime, endTime, interval'],
    [InternalPresenceController, 'getDailyOnlineForReporting', 'startDate, endDate'],
  ])('knows the parameters of %p.%s', (controller, method, known) => {
    const query = Object.fromEntries(known.split(', ').map((name) => [name, 'x']));
    expect(check(controller, method, query)).toBe(true);
    expect(() => check(controller, method, { ...query, from: 'x' })).toThrow(
      expect.objectContaining({
        code: 'request_invalid',
        message: `"from" is no parameter of GET /a/route, which takes ${known}: correct its name, or leave it out`,
        errors: [expect.objectContaining({ field: 'from' })],
      }),
    );
  });

  it.each(
    [AnalyticsController, PresenceController, InternalController, InternalPresenceController].flatMap(
      (controller: Controller) =>
        handlersOf(controller).map((method) => ({
          controller,
          method,
          name: `${controller.name}.${method}`,
        })),
    ),
  )('rejects any other parameter of $name', ({ controller, method }) => {
    for (const name of [
      'utm_source',
      '_',
      '',
      'startdate',
      'startDate[]',
      '__proto__',
      'constructor',
      'x'.repeat(5000),
    ]) {
      expect(() => check(controller, method, Object.fromEntries([[name, 'x']]))).toThrow(
        applicationError('request_invalid'),
      );
    }
  });

  it('keeps a long name out of its message', () => {
    expect(() => check(PresenceController, 'getOnlineCount', { ['x'.repeat(5000)]: '' })).toThrow(
      expect.objectContaining({
        message: `"${'x'.repeat(40)}…" is no parameter of GET /a/route, which takes none: leave it out`,
        errors: [expect.objectContaining({ field: 'x'.repeat(64) })],
      }),
    );
  });

  it('rejects a parameter that is repeated', () => {
    expect(() => check(AnalyticsController, 'getDauStats', { startDate: ['a', 'b'], endDate: 'c' })).toThrow(
      expect.objectContaining({
        code: 'request_invalid',
        message: 'startDate must be given once, it is given 2 times: leave one of them',
      }),
    );
  });
});
