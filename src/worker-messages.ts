import type { LogLevel } from './config/variables/application.variables.js';
import type { MetricsOfProcess } from './shared/metrics/merge-metrics.js';

/** Message of the primary process to a worker. */
export type ToWorker =
  /** Starts the shutdown; a second one ends its grace period. */
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'log-level'; readonly level: LogLevel }
  | { readonly type: 'report-metrics'; readonly id: number }
  /** Answers `read-metrics`: null when they cannot be told. */
  | { readonly type: 'metrics-text'; readonly id: number; readonly text: string | null };

/** Message of a worker to the primary process. */
export type ToPrimary =
  /** The worker hears the primary from then on. */
  | { readonly type: 'linked' }
  /** Comes regularly as long as the event loop of the worker turns. */
  | { readonly type: 'alive' }
  | { readonly type: 'read-metrics'; readonly id: number }
  /** Answers `report-metrics`. */
  | { readonly type: 'metrics'; readonly id: number; readonly metrics: MetricsOfProcess };

/** Narrows what arrived over the channel; others, such as libraries, may use it too. */
export function isToWorker(message: unknown): message is ToWorker {
  return ['stop', 'log-level', 'report-metrics', 'metrics-text'].includes(typeOf(message));
}

export function isToPrimary(message: unknown): message is ToPrimary {
  return ['linked', 'alive', 'read-metrics', 'metrics'].includes(typeOf(message));
}

function typeOf(message: unknown): string {
  const isObject = typeof message === 'object' && message !== null;
  return isObject && 'type' in message ? String(message.type) : '';
}

/** A worker ended before it listened; it has logged the reason. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}
