import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type IClock } from '../ports/clock.port.js';

/** Remembers since when each dependency is up or down, as the checks of this process see it. */
@Injectable()
export class DependencyHistory {
  private readonly seen = new Map<string, { readonly isUp: boolean; readonly since: Date }>();

  constructor(@Inject(CLOCK) private readonly clock: IClock) {}

  note(dependency: string, isUp: boolean): void {
    if (this.seen.get(dependency)?.isUp !== isUp)
      this.seen.set(dependency, { isUp, since: this.clock.now() });
  }

  /** @returns null before the first check */
  sinceOf(dependency: string): Date | null {
    return this.seen.get(dependency)?.since ?? null;
  }
}
