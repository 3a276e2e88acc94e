import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ConfigService } from '@nestjs/config';
import { PassportModule } from '@nestjs/passport';
import { CLOCK, type IClock } from '../application/ports/clock.port.js';
import type { Configuration } from '../config/configuration.js';
import { DomainExceptionFilter } from '../shared/filters/domain-exception.filter.js';
import { JwtAuthGuard } from '../shared/guards/jwt-auth.guard.js';
import { JwtStrategy } from '../shared/guards/jwt.strategy.js';
import { VerifiedTokens } from '../shared/guards/verified-tokens.js';
import { ActivesController } from './controllers/actives.controller.js';
import { AnalyticsController } from './controllers/analytics.controller.js';
import { LiveStreams } from './http/live/live-streams.js';
import { HealthController } from './controllers/health.controller.js';
import { InternalPresenceController } from './controllers/internal-presence.controller.js';
import { InternalActivesController } from './controllers/internal-actives.controller.js';
import { InternalController } from './controllers/internal.controller.js';
import { LiveController } from './controllers/live.controller.js';
import { PresenceController } from './controllers/presence.controller.js';
import { StatusController } from './controllers/status.controller.js';
import { DtoValidationPipe } from './validators/dto-validation.pipe.js';

@Module({})
export class ApiModule {
  /** @param application the module whose buses the controllers use */
  static register(application: DynamicModule): DynamicModule {
    return {
      module: ApiModule,
      imports: [PassportModule, application],
      controllers: [
        AnalyticsController,
        ActivesController,
        PresenceController,
        InternalController,
        InternalPresenceController,
        InternalActivesController,
        HealthController,
        LiveController,
        StatusController,
      ],
      providers: [
        JwtStrategy,
        {
          provide: VerifiedTokens,
          useFactory: (clock: IClock) => new VerifiedTokens(() => clock.now().getTime()),
          inject: [CLOCK],
        },
        {
          provide: LiveStreams,
          useFactory: (config: ConfigService<Configuration, true>, clock: IClock) =>
            new LiveStreams(config.get('http.live', { infer: true }), clock),
          inject: [ConfigService, CLOCK],
        },
        { provide: APP_GUARD, useClass: JwtAuthGuard },
        { provide: APP_FILTER, useClass: DomainExceptionFilter },
        { provide: APP_PIPE, useClass: DtoValidationPipe },
      ],
    };
  }
}
