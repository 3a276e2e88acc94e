import { createServer } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { findFreePort } from '../../../src/free-port.js';

describe('findFreePort', () => {
  it('returns a port that can be listened on, below those of outgoing connections', async () => {
    const port = await findFreePort('127.0.0.1');
    expect(port).toBeGreaterThanOrEqual(16_384);
    expect(port).toBeLessThan(32_768);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  it('fails for an address of another machine', async () => {
    await expect(findFreePort('192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
