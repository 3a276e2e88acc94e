import { useContext, useEffect, useState } from 'preact/hooks';
import { plainProblem } from '../api/problem.js';
import { AppContext } from '../state/app-context.js';
import { CardFailure } from '../ui/card-problem.js';

const AGAIN_MS = 60_000;
const UNDRAWABLE = plainProblem('undrawable');

/** Takes the place of a panel that could not be drawn, and draws it again from new answers a minute later. */
export function BrokenPanel({ drawAgain }: { readonly drawAgain: () => void }) {
  const { clock, resources } = useContext(AppContext);
  const [retryAtMs] = useState(() => clock.nowMs() + AGAIN_MS);
  const retry = (): void => {
    resources.clear();
    drawAgain();
  };
  useEffect(() => {
    const timer = setTimeout(retry, AGAIN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <section class="card span-6">
      <CardFailure problem={UNDRAWABLE} figure={{ asOfMs: null, retryAtMs, retry }} />
    </section>
  );
}
