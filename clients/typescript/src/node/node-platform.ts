import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { STANDARD_PORTS } from '../browser/standard-ports.js';
import type { Platform } from '../ports/platform.js';
import { FileStorage } from './file-storage.js';

const compress = promisify(gzip);

/** Returns the ports of a Node process. @param queueFile journal of the queue, for this process alone */
export function nodePlatform(queueFile: string): Platform {
  return {
    ...STANDARD_PORTS,
    newId: () => randomUUID(),
    compress: async (text) => new Uint8Array(await compress(text)),
    storage: new FileStorage(queueFile),
  };
}
