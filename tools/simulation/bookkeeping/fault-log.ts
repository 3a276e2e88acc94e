export type FaultKind = 'sum' | 'duplicates' | 'index' | 'contract' | 'refused';

export interface FaultSummary {
  readonly count: number;
  readonly samples: readonly string[];
}

const SAMPLES_KEPT = 3;

/** Counts wrong responses by kind and keeps the first samples of each. */
export class FaultLog {
  private readonly faults = new Map<FaultKind, { count: number; samples: string[] }>();

  record(kind: FaultKind, sample: string): void {
    const seen = this.faults.get(kind) ?? { count: 0, samples: [] };
    this.faults.set(kind, seen);
    seen.count += 1;
    if (seen.samples.length < SAMPLES_KEPT) seen.samples.push(sample);
  }

  summarize(kind: FaultKind): FaultSummary {
    return this.faults.get(kind) ?? { count: 0, samples: [] };
  }
}
