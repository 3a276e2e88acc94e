import { waitFor } from '../../../test/support/processes.js';
import type { HttpSender } from '../../simulation/delivery/http-client.js';

const STARTS_WITHIN_MS = 60_000;

/** Waits until every replica is ready with all of its dependencies. @throws when one is not in time */
export async function waitUntilServing(
  replicas: readonly { readonly index: number; readonly http: HttpSender }[],
): Promise<void> {
  for (const { index, http } of replicas) {
    await waitFor(
      async () => {
        const outcome = await http.send({ method: 'GET', path: '/health/ready' });
        return outcome.kind === 'response' && (outcome.body as { status?: unknown }).status === 'ok';
      },
      STARTS_WITHIN_MS,
      { what: `replica ${String(index)} is ready`, intervalMs: 250 },
    );
  }
}
