import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { LiveFigures } from '../../services/live-figures.service.js';
import { WatchFiguresQuery, type LiveFeed } from './watch-figures.query.js';

@QueryHandler(WatchFiguresQuery)
export class WatchFiguresHandler implements IQueryHandler<WatchFiguresQuery> {
  constructor(private readonly figures: LiveFigures) {}

  execute(): Promise<LiveFeed> {
    return Promise.resolve(this.figures);
  }
}
