import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { FlushCoalescerOptions } from './flush-coalescer.js';

/** An event with properties of this length weighs as much as two. */
const ORDINARY_EVENT_CHARACTERS = 1000;
/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation). */
const DATA_ERROR_STATE = /^2[23]/;

/** Sizes of flushes on one server. */
export const COALESCING: FlushCoalescerOptions<EventLog> = {
  targetWeight: 1000,
  concurrency: 3,
  minWeightBeside: 100,
  maxWeight: 20_000,
  weigh: ({ properties }) => 1 + (properties.json?.length ?? 0) / ORDINARY_EVENT_CHARACTERS,
  isDataError: (error) => DATA_ERROR_STATE.test(sqlStateOf(error) ?? ''),
  isUnavailable: (error) => error instanceof ApplicationException && error.code === 'database_unavailable',
};
