import { SettledDays } from '../../src/application/services/settled-days.service.js';
import { GetActiveUsersHandler } from '../../src/application/queries/get-active-users/get-active-users.handler.js';
import { GetLifecycleHandler } from '../../src/application/queries/get-lifecycle/get-lifecycle.handler.js';
import { GetRetentionHandler } from '../../src/application/queries/get-retention/get-retention.handler.js';
import { GetRollingActiveUsersHandler } from '../../src/application/queries/get-rolling-active-users/get-rolling-active-users.handler.js';
import type { IClock } from '../../src/application/ports/clock.port.js';
import type { IActiveSpansRepository } from '../../src/domain/repositories/active-spans.repository.interface.js';
import type { PlaceNaming } from '../../src/domain/value-objects/place-names.vo.js';

/** The handlers of the figures over spans of days. */
export interface ActivesFigures {
  readonly activeUsers: GetActiveUsersHandler;
  readonly rolling: GetRollingActiveUsersHandler;
  readonly lifecycle: GetLifecycleHandler;
  readonly retention: GetRetentionHandler;
}

export function openFigures(
  spans: IActiveSpansRepository,
  clock: IClock,
  naming: PlaceNaming = 'as-sent',
): ActivesFigures {
  const settled = new SettledDays(clock, spans);
  return {
    activeUsers: new GetActiveUsersHandler(spans, settled, naming),
    rolling: new GetRollingActiveUsersHandler(spans, settled, naming),
    lifecycle: new GetLifecycleHandler(spans, settled),
    retention: new GetRetentionHandler(spans, settled),
  };
}
