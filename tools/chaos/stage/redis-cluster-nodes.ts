/** A line of CLUSTER NODES. */
export interface NodeLine {
  readonly id: string;
  /** The port that clients are told. */
  readonly port: number;
  readonly isMaster: boolean;
  /** True for a node that the others cannot reach. */
  readonly isFailing: boolean;
  /** The id of its master; absent for a master. */
  readonly masterId?: string;
  readonly slots: readonly number[];
}

/** Reads the answer of CLUSTER NODES; slots that are moving stay with their owner. */
export function readNodes(text: string): NodeLine[] {
  return text
    .trim()
    .split('\n')
    .map((line): NodeLine => {
      const [id = '', address = '', flags = '', masterId = '-', , , , , ...slots] = line.trim().split(' ');
      const names = flags.split(',');
      return {
        id,
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        isMaster: names.includes('master'),
        isFailing: names.some((name) => /^(fail\??|handshake|noaddr)$/.test(name)),
        ...(masterId !== '-' && { masterId }),
        slots: slots.filter((slot) => !slot.startsWith('[')).flatMap(expand),
      };
    });
}

function expand(range: string): number[] {
  const [from = 0, to = from] = range.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
