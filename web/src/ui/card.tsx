import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { plainProblem } from '../api/problem.js';
import type { PolledFigure } from '../api/use-polled.js';
import { useI18n } from '../i18n/use-i18n.js';
import { Boundary } from './boundary.js';
import { CardFoot, type FootModel } from './card-foot.js';
import { CardFailure, StaleNotice } from './card-problem.js';
import { DataTable, type TableModel } from './data-table.js';

/** An answer that the page cannot read, as of a newer service. */
const UNDRAWABLE = plainProblem('undrawable');

export type Span = 3 | 4 | 6 | 8 | 9 | 12;

export interface CardProps<T> {
  readonly title: string;
  /** One line that says what the figure is. */
  readonly hint?: string | undefined;
  /** Columns of twelve on a wide screen. */
  readonly span: Span;
  readonly figure: PolledFigure<T>;
  readonly isEmpty?: (data: T) => boolean;
  /** Buttons and choices beside the title, such as CSV. */
  readonly actions?: ComponentChildren;
  /** The same figures as rows; demanded of every chart. */
  readonly table?: (data: T) => TableModel;
  /** Adds to the foot, which by default has the time of the last answer. */
  readonly foot?: (data: T) => FootModel;
  readonly children: (data: T) => ComponentChildren;
}

/** A figure in each of its states: loading, empty, stale, failed, refused, or shown. */
export function Card<T>(props: CardProps<T>) {
  const { title, hint, span, figure, actions } = props;
  const titleId = useId();
  return (
    <section class={`card span-${span}`} aria-labelledby={titleId} aria-busy={figure.isLoading}>
      <div class="card-head">
        <div>
          <h2 class="card-title" id={titleId}>
            {title}
          </h2>
          {hint !== undefined && <p class="card-hint">{hint}</p>}
        </div>
        {actions !== undefined && <div class="card-actions">{actions}</div>}
      </div>
      <Boundary
        of={figure.data}
        fallback={(drawAgain) => {
          const retry = (): void => {
            drawAgain();
            figure.retry();
          };
          return <CardFailure problem={UNDRAWABLE} figure={{ ...figure, retry }} />;
        }}
      >
        <CardContent {...props} />
      </Boundary>
    </section>
  );
}

function CardContent<T>({ title, figure, isEmpty, table, foot, children }: CardProps<T>) {
  const { t } = useI18n();
  const { data, problem } = figure;
  if (data === null) {
    if (problem !== null) return <CardFailure problem={problem} figure={figure} />;
    return (
      <div class="card-body">
        <div class="skeleton">
          <span class="visually-hidden">{t.card.loading}</span>
        </div>
      </div>
    );
  }
  const empty = isEmpty?.(data) === true;
  return (
    <>
      <div class="card-body" data-stale={problem !== null}>
        {problem !== null && <StaleNotice problem={problem} figure={figure} />}
        {empty ? <p class="card-state">{t.card.empty}</p> : children(data)}
      </div>
      <CardFoot answeredAtMs={figure.asOfMs} {...foot?.(data)} />
      {table !== undefined && !empty && <DataTable title={title} table={() => table(data)} />}
    </>
  );
}
