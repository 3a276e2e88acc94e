/** Waits for all steps, so that one that fails does not keep the others from running. @throws AggregateError */
export async function settleAll(steps: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(steps);
  const failures = settled.flatMap((step) => (step.status === 'rejected' ? [step.reason as unknown] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
}
