/** Days that claims of corrected events are kept beyond the age limit of events: clocks of replicas may differ. */
export const CLAIMS_MARGIN_DAYS = 2;

/** Number of days that have a live figure, today included; it is rebuilt from their active sets. */
export const LIVE_DAYS = 8;

/** Days without a new calculation after which the figures of a day count as settled; an import is resumed before. */
export const QUIET_DAYS = 7;
