const STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 },
  ...{ PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity },
};

/**
 * Returns the value that a key leads to; null puts the cursor away, undefined is a key of no meaning here.
 *
 * @param index the value at the cursor; without one, the first key leads to the latest value
 */
export function movedIndex(
  key: string,
  index: number | null,
  { length, latest }: { readonly length: number; readonly latest: number },
): number | null | undefined {
  if (key === 'Escape') return null;
  const step = STEPS[key];
  if (step === undefined || length === 0) return undefined;
  if (index === null) return step === -Infinity ? 0 : latest;
  return Math.min(length - 1, Math.max(0, index + step));
}
