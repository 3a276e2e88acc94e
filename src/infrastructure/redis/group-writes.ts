import type { Duplex } from 'node:stream';

/**
 * Sends what is written in one turn of the event loop as one packet.
 * A command keeps its own redirection and retry, which a shared pipeline loses; see docs/adr/0018.
 */
export function groupWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isCorked = false;
  const writeLater = (...args: unknown[]): boolean => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      setImmediate(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
  stream.write = writeLater as typeof stream.write;
}
