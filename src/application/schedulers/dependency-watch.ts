import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Interval } from '@nestjs/schedule';
import type { BackgroundWork } from '../ports/background-work.port.js';
import { GetReadinessQuery } from '../queries/get-readiness/get-readiness.query.js';

const INTERVAL_MS = 15_000;

/** Keeps `analytics_dependency_up` fresh where nothing asks for the readiness; a scrape itself checks nothing. */
@Injectable()
export class DependencyWatch implements BackgroundWork {
  constructor(private readonly queryBus: QueryBus) {}

  startWork(): void {
    // Awaits nothing, since an unavailable dependency must not delay the start.
    void this.check();
  }

  @Interval(INTERVAL_MS)
  async check(): Promise<void> {
    await this.queryBus.execute(new GetReadinessQuery());
  }
}
