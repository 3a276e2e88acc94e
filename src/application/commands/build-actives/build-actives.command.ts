import { Command } from '@nestjs/cqrs';

export interface BuildActivesResult {
  readonly day: string;
  readonly activeCount: number;
}

/** Builds the bits of a day from its active set, and leaves the stored figures of the day as they are. */
export class BuildActivesCommand extends Command<BuildActivesResult> {
  /** @param day `YYYY-MM-DD`, Asia/Shanghai */
  constructor(readonly day: string) {
    super();
  }
}
