/** Ids of a block. */
export const BLOCK_IDS = 128;

/** The ids of a block that are not given yet, from `nextId` to before `endId`; `places` is a hash of its place. */
export interface OpenBlock {
  readonly places: number;
  readonly nextId: number;
  readonly endId: number;
}

/** Returns how many blocks must be added so that each group of places has ids for all of its identities. */
export function blocksNeeded(groups: ReadonlyMap<number, number>, open: readonly OpenBlock[]): number {
  const left = new Map(open.map(({ places, nextId, endId }) => [places, endId - nextId]));
  let blocks = 0;
  for (const [places, total] of groups)
    blocks += Math.ceil(Math.max(total - (left.get(places) ?? 0), 0) / BLOCK_IDS);
  return blocks;
}

/** Gives ids to the identities of a bucket: first what the block of their places has left, then new blocks. */
export class IdBlocks {
  private readonly open = new Map<number, OpenBlock>();

  /** @param firstFree first id of the blocks that {@link blocksNeeded} has asked for */
  constructor(
    open: readonly OpenBlock[],
    private firstFree: number,
  ) {
    for (const block of open) this.open.set(block.places, block);
  }

  take(places: number): number {
    let block = this.open.get(places);
    if (block === undefined || block.nextId === block.endId) {
      block = { places, nextId: this.firstFree, endId: this.firstFree + BLOCK_IDS };
      this.firstFree += BLOCK_IDS;
    }
    this.open.set(places, { ...block, nextId: block.nextId + 1 });
    return block.nextId;
  }

  /** Returns the blocks of some groups of places as they are now. */
  of(groups: Iterable<number>): OpenBlock[] {
    return [...groups].flatMap((places) => this.open.get(places) ?? []);
  }
}
