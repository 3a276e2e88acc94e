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
  private readonly homes = new Map<number, Node>();

  /** Returns undefined for a bucket of a node that is not configured or has never answered. */
  get(bucket: number): Node | undefined {
    return this.homes.get(bucket);
  }

  /**
   * Takes what a node says of all buckets. A node that does not answer keeps the buckets that the others see there:
   * their flushes fail until it answers or its shards are moved.
   */
  learn(node: Node, placements: readonly Placement[]): void {
    for (const { bucket, home, own } of placements) {
      this.nodes.set(own, node);
      const found = this.nodes.get(home);
      if (found === undefined) this.homes.delete(bucket);
      else this.homes.set(bucket, found);
    }
  }
}
