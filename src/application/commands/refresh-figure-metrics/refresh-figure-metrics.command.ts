import { Command } from '@nestjs/cqrs';

/** Counts the figures of today and yesterday, and exports them as metrics. */
export class RefreshFigureMetricsCommand extends Command<void> {}
