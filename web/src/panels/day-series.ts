import { startOfShanghaiDay } from '../state/day-range.js';

interface FigureOfDay {
  readonly day: string;
  readonly isFinal: boolean;
}

/** Returns what the charts of figures by day share. */
export function dayAxis(data: readonly FigureOfDay[]): { x: number[]; isProvisional: boolean[] } {
  return {
    x: data.map(({ day }) => startOfShanghaiDay(day) / 1000),
    isProvisional: data.map(({ isFinal }) => !isFinal),
  };
}

export function hasProvisional(data: readonly { readonly isFinal: boolean }[]): boolean {
  return data.some(({ isFinal }) => !isFinal);
}
