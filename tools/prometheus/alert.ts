/** One alert: its rule for Prometheus and its section in the runbook. */
export interface Alert {
  /** Upper camel case, unique; also the heading of its section. */
  readonly name: string;
  /** `page` wakes somebody, `ticket` waits for working hours. */
  readonly severity: 'page' | 'ticket';
  /** PromQL that has a result while something is wrong. */
  readonly expr: string;
  /** Duration in Prometheus' notation, for example `5m`; without it the alert fires at once. */
  readonly holds?: string;
  /** One line for the notification; may use the labels of the result, for example `{{ $labels.job }}`. */
  readonly summary: string;
  /** Meaning for users and operators. */
  readonly meaning: string;
  /** Places to look at, in this order. */
  readonly look: readonly string[];
  /** Remedy for each cause. */
  readonly act: readonly string[];
}

/** A share of good requests or minutes that the service shall reach in 30 days. */
export interface Objective {
  readonly title: string;
  /** Start of the names of the recorded series: `analytics:<series>:ratio_<window>`. */
  readonly series: string;
  readonly target: number;
  readonly promise: string;
  /** Returns PromQL for the share of bad requests or minutes in a window such as `1h`. */
  badShare(window: string): string;
  readonly alert: Pick<Alert, 'meaning' | 'look' | 'act'> & {
    readonly name: string;
    readonly subject: string;
  };
}
