import { Query } from '@nestjs/cqrs';
import type { ErrorCode } from '../../../shared/exceptions/error-catalogue.js';
import type { OnlineCountResult } from '../get-online-count/get-online-count.query.js';
import type { Readiness } from '../get-readiness/get-readiness.query.js';
import type { RealtimeDauResult } from '../get-realtime-dau/get-realtime-dau.query.js';

/** Says why a figure is missing; `ok` when it is not. */
export type FigureState = 'ok' | ErrorCode;

export interface LiveStatus extends Readiness {
  readonly figures: Readonly<Record<'online' | 'dau', FigureState>>;
}

export interface OnlineEvent {
  readonly name: 'online';
  /** Unix seconds of the reading, a multiple of 5 by the clock of all replicas: the same on each of them. */
  readonly tick: number;
  readonly data: OnlineCountResult;
}

export type LiveEvent =
  | OnlineEvent
  | { readonly name: 'dau'; readonly data: RealtimeDauResult }
  | { readonly name: 'status'; readonly data: LiveStatus };

export type LiveListener = (event: LiveEvent) => void;

/** The figures as they change. All watchers of a process share one reader of the stores. */
export interface LiveFeed {
  /**
   * Calls back at once with what is known, and then with each event. The callback must not throw.
   *
   * @param afterTick last tick that the caller has; later ones are repeated, as far as they are remembered
   * @returns a function that ends the subscription
   */
  subscribe(afterTick: number | null, listener: LiveListener): () => void;
}

export class WatchFiguresQuery extends Query<LiveFeed> {}
