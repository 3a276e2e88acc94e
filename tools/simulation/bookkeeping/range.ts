/** Inclusive bounds of a figure; equal bounds mean that it is known exactly. */
export interface Range {
  readonly low: number;
  readonly high: number;
}
