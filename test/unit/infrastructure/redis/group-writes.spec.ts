import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { groupWrites } from '../../../../src/infrastructure/redis/group-writes.js';

/** A connection that notes the packets that leave it. */
class Connection extends Duplex {
  readonly packets: string[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.packets.push(chunk.toString());
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.packets.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
    done();
  }
}

function groupedConnection(): Connection {
  const connection = new Connection();
  groupWrites(connection);
  return connection;
}

describe('groupWrites', () => {
  it('sends the commands of one turn as one packet, in order', async () => {
    const connection = groupedConnection();
    for (const command of ['a', 'b', 'c']) connection.write(command);
    expect(connection.packets).toEqual([]);
    await setImmediate();
    expect(connection.packets).toEqual(['abc']);
  });

  it('sends the commands of a later turn in a packet of their own', async () => {
    const connection = groupedConnection();
    connection.write('a');
    await setImmediate();
    connection.write('b');
    await setImmediate();
    expect(connection.packets).toEqual(['a', 'b']);
  });

  it('survives a connection that ends before the packet leaves', async () => {
    const connection = groupedConnection();
    connection.on('error', () => undefined);
    connection.write('a');
    connection.destroy();
    await setImmediate();
    expect(connection.packets).toEqual([]);
  });
});
