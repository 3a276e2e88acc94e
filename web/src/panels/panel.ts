import type { ComponentType } from 'preact';
import type { DayRange } from '../state/day-range.js';

export interface PanelProps {
  readonly range: DayRange;
  /** The official name of the chosen province; null for the whole country. */
  readonly province: string | null;
}

export type Panel = ComponentType<PanelProps>;
