import type { Range } from '../bookkeeping/range.js';
import { formatCount } from '../reporting/format.js';

export interface Check {
  /** `open`: the contract allows the service to be behind here, so nothing is proven. */
  readonly verdict: 'right' | 'wrong' | 'open';
  readonly name: string;
  readonly detail: string;
  readonly samples: readonly string[];
}

export function createCheck(
  name: string,
  holds: boolean,
  { detail, samples = [] }: { readonly detail: string; readonly samples?: readonly string[] },
): Check {
  return { verdict: holds ? 'right' : 'wrong', name, detail, samples };
}

export function formatRange({ low, high }: Range): string {
  return low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`;
}
