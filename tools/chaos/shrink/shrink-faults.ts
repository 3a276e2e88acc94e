/**
 * Finds a small part of a failing list that still fails, by delta debugging (Zeller and Hildebrandt, 2002): it leaves
 * out ever smaller chunks as long as the rest fails.
 *
 * @param fails tries a part; at most `attempts` times
 */
export async function shrinkFaults<Fault>(
  all: readonly Fault[],
  fails: (part: readonly Fault[]) => Promise<boolean>,
  attempts: number,
): Promise<readonly Fault[]> {
  let [faults, chunks, left] = [all, 2, attempts];
  const tried = new Set<string>();
  const attempt = async (part: readonly Fault[]): Promise<boolean> => {
    const key = JSON.stringify(part);
    if (left === 0 || part.length === 0 || tried.has(key)) return false;
    tried.add(key);
    left -= 1;
    return fails(part);
  };
  while (faults.length > 1 && left > 0) {
    const parts = split(faults, Math.min(chunks, faults.length));
    const rests =
      parts.length > 2 ? parts.map((part) => faults.filter((fault) => !part.includes(fault))) : [];
    const smaller = await firstThat(attempt, [...parts, ...rests]);
    if (smaller !== undefined) {
      // A single chunk begins anew; a rest keeps the size of its chunks.
      chunks = parts.includes(smaller) ? 2 : Math.max(2, chunks - 1);
      faults = smaller;
    } else if (chunks >= faults.length) return faults;
    else chunks *= 2;
  }
  return faults;
}

async function firstThat<Item>(
  holds: (item: Item) => Promise<boolean>,
  items: readonly Item[],
): Promise<Item | undefined> {
  for (const item of items) if (await holds(item)) return item;
  return undefined;
}

function split<Item>(list: readonly Item[], chunks: number): Item[][] {
  const bounds = Array.from({ length: chunks + 1 }, (_, index) => Math.round((index * list.length) / chunks));
  return bounds.slice(1).map((end, index) => list.slice(bounds[index], end));
}
