/**
 * Replies of a server that another one should answer for: a replica, one that loads its data, one that lost its
 * master or its replicas, a node of a failed cluster. Scripts repeat the reply behind a hyphen.
 */
const WRONG_NODE = /(?:^|-)(?:READONLY|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN The cluster)\b/;
/** In a cluster the map of slots says who is the master, so a shard without replicas stays connected. */
const WRONG_CLUSTER_NODE = /(?:^|-)(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN The cluster)\b/;
/** Lets the other commands of a packet fail without dropping the next connection as well. */
const MIN_INTERVAL_MS = 250;
/** Addresses of nodes change over the years. */
const MAX_ADDRESSES = 1000;

/** Decides which replies drop the connection, so that the next one may lead to a server that takes writes. */
export class WrongNodeRule {
  private readonly droppedAtMs = new Map<string, number>();
  private readonly pattern: RegExp;

  constructor(
    cluster: boolean,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.pattern = cluster ? WRONG_CLUSTER_NODE : WRONG_NODE;
  }

  /** @param address of the node that replied */
  dropsConnection({ message }: Error, address: string): boolean {
    if (!this.pattern.test(message)) return false;
    const nowMs = this.nowMs();
    if (nowMs - (this.droppedAtMs.get(address) ?? -Infinity) < MIN_INTERVAL_MS) return false;
    if (this.droppedAtMs.size >= MAX_ADDRESSES) this.droppedAtMs.clear();
    this.droppedAtMs.set(address, nowMs);
    return true;
  }
}
