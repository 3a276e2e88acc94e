import { Gauge, type Registry } from 'prom-client';

export interface FreshGaugeOptions {
  readonly name: string;
  readonly help: string;
  /** Name of the one label, or of several in order; without it the gauge has one series. */
  readonly label?: string | readonly string[];
  /** Age at which a value says nothing any more. */
  readonly maxAgeMs: number;
  readonly registry: Registry;
}

/** Value of the one label, or values of several in the order of their names. */
export type SeriesLabel = string | readonly string[];

/** Gauge that says NaN before its first value and when its last value is too old; 0 would be a claim. */
export class FreshGauge {
  private readonly gauge: Gauge;
  private readonly labelNames: readonly string[];
  /** Maps the values of the labels, joined, to the series and the time until which it is fresh. */
  private readonly series = new Map<string, { readonly of: readonly string[]; freshUntilMs: number }>();

  constructor(
    private readonly options: FreshGaugeOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const { name, help, label = [], registry } = options;
    this.labelNames = listOf(label);
    const dropStale = (): void => {
      for (const { of, freshUntilMs } of this.series.values())
        if (this.nowMs() >= freshUntilMs) this.write(NaN, of);
    };
    this.gauge = new Gauge({
      name,
      help,
      labelNames: [...this.labelNames],
      registers: [registry],
      collect: dropStale,
    });
    if (this.labelNames.length === 0) this.announce([]);
  }

  /** Shows the series as unknown from the first scrape. */
  announce(of: SeriesLabel): void {
    const values = listOf(of);
    if (this.series.has(values.join('\n'))) return;
    this.series.set(values.join('\n'), { of: values, freshUntilMs: -Infinity });
    this.write(NaN, values);
  }

  /** @param forMs time for which the value holds, when that is less than the gauge's limit */
  set(
    value: number,
    { of = [], forMs = Infinity }: { readonly of?: SeriesLabel; readonly forMs?: number } = {},
  ): void {
    const values = listOf(of);
    const freshUntilMs = this.nowMs() + Math.min(forMs, this.options.maxAgeMs);
    this.series.set(values.join('\n'), { of: values, freshUntilMs });
    this.write(value, values);
  }

  private write(value: number, of: readonly string[]): void {
    this.gauge.set(Object.fromEntries(this.labelNames.map((name, index) => [name, of[index] ?? ''])), value);
  }
}

function listOf(label: SeriesLabel): readonly string[] {
  return typeof label === 'string' ? [label] : label;
}
