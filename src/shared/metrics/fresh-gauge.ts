import { Gauge, type Registry } from 'prom-client';

export interface FreshGaugeOptions {
  readonly name: string;
  readonly help: string;
  /** Name of the one label; without it the gauge has one series. */
  readonly label?: string;
  /** Age at which a value says nothing any more. */
  readonly maxAgeMs: number;
  readonly registry: Registry;
}

/** Gauge that says NaN before its first value and when its last value is too old; 0 would be a claim. */
export class FreshGauge {
  private readonly gauge: Gauge;
  /** Maps the value of the label to the time until which its series is fresh. */
  private readonly freshUntilMs = new Map<string, number>();

  constructor(
    private readonly options: FreshGaugeOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const { name, help, label, registry } = options;
    const dropStale = (): void => {
      for (const [value, untilMs] of this.freshUntilMs) if (this.nowMs() >= untilMs) this.write(NaN, value);
    };
    this.gauge = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      collect: dropStale,
    });
    if (label === undefined) this.announce('');
  }

  /** Shows the series as unknown from the first scrape. */
  announce(labelValue: string): void {
    if (this.freshUntilMs.has(labelValue)) return;
    this.freshUntilMs.set(labelValue, -Infinity);
    this.write(NaN, labelValue);
  }

  /** @param forMs time for which the value holds, when that is less than the gauge's limit */
  set(
    value: number,
    { of = '', forMs = Infinity }: { readonly of?: string; readonly forMs?: number } = {},
  ): void {
    this.freshUntilMs.set(of, this.nowMs() + Math.min(forMs, this.options.maxAgeMs));
    this.write(value, of);
  }

  private write(value: number, labelValue: string): void {
    const { label } = this.options;
    if (label === undefined) this.gauge.set(value);
    else this.gauge.set({ [label]: labelValue }, value);
  }
}
