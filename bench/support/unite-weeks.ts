import { shanghaiDay } from '../../test/support/events.js';
import { openReplica } from '../../test/support/persistence.js';
import { elapsed } from './elapsed.js';
import { print } from './output.js';

/** Unites the weeks that were built, as the service does after each hourly rollup. */
export async function uniteWeeks(serviceUrl: string): Promise<void> {
  const replica = openReplica(serviceUrl);
  try {
    for (const week of await replica.bits.findWeeks(shanghaiDay(), 1000)) {
      const { ms } = await elapsed(() => replica.bits.uniteWeek(week));
      print(`  united the week of ${week} in ${(ms / 1000).toFixed(1)} s`);
    }
  } finally {
    await replica.close();
  }
}
