/** The place of a bucket as one node tells it; nodes are numbered by their groups. */
export interface Placement extends Record<string, unknown> {
  readonly bucket: number;
  /** Group of the node that has the bucket. */
  readonly home: number;
  /** Group of the node that answers. */
  readonly own: number;
}

/** Knows which of the configured nodes has a bucket. */
export class BucketHomes<Node> {
  private readonly nodes = new Map<number, Node>();
  private homes = new Map<number, Node>();

  /** Returns undefined for a bucket of a node that is not configured or has never answered. */
  get(bucket: number): Node | undefined {
    return this.homes.get(bucket);
  }

  /**
   * Replaces all that is known. A node that does not answer keeps the buckets that the others see there: their flushes
   * fail until it answers or its shards are moved. Without any answer nothing changes.
   */
  update(answers: readonly (readonly [Node, readonly Placement[]])[]): void {
    if (answers.length === 0) return;
    for (const [node, placements] of answers) for (const { own } of placements) this.nodes.set(own, node);
    const homes = new Map<number, Node>();
    for (const [, placements] of answers) {
      for (const { bucket, home } of placements) {
        const node = this.nodes.get(home);
        if (node === undefined) homes.delete(bucket);
        else homes.set(bucket, node);
      }
    }
    this.homes = homes;
  }
}
