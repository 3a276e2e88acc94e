/** The longest span of an online history at each interval, in days: about ten thousand points. */
export const MAX_HISTORY_DAYS = { '1m': 7, '5m': 35, '1h': 366 } as const;

export type HistoryInterval = keyof typeof MAX_HISTORY_DAYS;

export const HISTORY_INTERVALS = Object.keys(MAX_HISTORY_DAYS) as readonly HistoryInterval[];
