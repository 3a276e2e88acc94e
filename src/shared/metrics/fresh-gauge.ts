import { Gauge, type Aggregator, type Registry } from 'prom-client';

export interface FreshGaugeOptions {
  readonly name: string;
  readonly help: string;
  /** Name of the one label, or of several in order; without it the gauge has one series. */
  readonly label?: string | readonly string[];
  /** Age at which a value says nothing any more. */
  readonly maxAgeMs: number;
  readonly registry: Registry;
  /** Merges the values of several workers; by default `max`, because workers read the same figure. */
  readonly aggregator?: Aggregator;
}

/** Value of the one label, or values of several in the order of their names. */
export type SeriesLabel = string | readonly string[];

export interface LabelledValue {
  readonly of: SeriesLabel;
  readonly value: number;
}

interface Series {
  readonly of: readonly string[];
  /** Time until which the value says something. */
  readonly freshUntilMs: number;
  /** True for a series that is removed, not NaN, when it is too old. */
  readonly isReplaced: boolean;
}

/** Gauge that says NaN before its first value and when its last value is too old; 0 would be a claim. */
export class FreshGauge {
  private readonly gauge: Gauge;
  private readonly labelNames: readonly string[];
  /** Maps the values of the labels, joined, to the series. */
  private readonly series = new Map<string, Series>();

  constructor(
    private readonly options: FreshGaugeOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const { name, help, label = [], registry, aggregator = 'max' } = options;
    this.labelNames = listOf(label);
    const dropStale = (): void => {
      for (const [key, { of, freshUntilMs, isReplaced }] of this.series) {
        if (this.nowMs() < freshUntilMs) continue;
        if (isReplaced) this.remove(key, of);
        else this.write(NaN, of);
      }
    };
    this.gauge = new Gauge({
      name,
      help,
      labelNames: [...this.labelNames],
      registers: [registry],
      aggregator,
      collect: dropStale,
    });
    if (this.labelNames.length === 0) this.announce([]);
  }

  /** Shows the series as unknown from the first scrape. */
  announce(of: SeriesLabel): void {
    const values = listOf(of);
    if (this.series.has(keyOf(values))) return;
    this.keep({ of: values, freshUntilMs: -Infinity, isReplaced: false });
    this.write(NaN, values);
  }

  /** @param forMs time for which the value holds, when that is less than the gauge's limit */
  set(
    value: number,
    { of = [], forMs = Infinity }: { readonly of?: SeriesLabel; readonly forMs?: number } = {},
  ): void {
    const values = listOf(of);
    this.keep({ of: values, freshUntilMs: this.freshUntil(forMs), isReplaced: false });
    this.write(value, values);
  }

  /**
   * Sets these series and removes all others, for labels that come from data; they end when they are too old. The
   * caller bounds their number.
   */
  replace(values: readonly LabelledValue[], { forMs = Infinity }: { readonly forMs?: number } = {}): void {
    const kept = new Set(values.map(({ of }) => keyOf(listOf(of))));
    for (const [key, { of }] of this.series) if (!kept.has(key)) this.remove(key, of);
    for (const { of, value } of values) {
      this.keep({ of: listOf(of), freshUntilMs: this.freshUntil(forMs), isReplaced: true });
      this.write(value, listOf(of));
    }
  }

  private freshUntil(forMs: number): number {
    return this.nowMs() + Math.min(forMs, this.options.maxAgeMs);
  }

  private keep(series: Series): void {
    this.series.set(keyOf(series.of), series);
  }

  private remove(key: string, of: readonly string[]): void {
    this.series.delete(key);
    this.gauge.remove(this.labelsOf(of));
  }

  private write(value: number, of: readonly string[]): void {
    this.gauge.set(this.labelsOf(of), value);
  }

  private labelsOf(of: readonly string[]): Record<string, string> {
    return Object.fromEntries(this.labelNames.map((name, index) => [name, of[index] ?? '']));
  }
}

function keyOf(of: readonly string[]): string {
  return of.join('\n');
}

function listOf(label: SeriesLabel): readonly string[] {
  return typeof label === 'string' ? [label] : label;
}
