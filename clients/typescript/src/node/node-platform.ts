import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Platform } from '../ports/platform.js';
import { FileStorage } from './file-storage.js';

const compress = promisify(gzip);

/** Returns the ports of a Node process. @param queueFile journal of the queue, for this process alone */
export function nodePlatform(queueFile: string): Platform {
  return {
    clock: {
      wallMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      monotonicCountsSleep: false,
    },
    startTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    newId: () => randomUUID(),
    fetch: (url, request) => fetch(url, request),
    compress: async (text) => new Uint8Array(await compress(text)),
    storage: new FileStorage(queueFile),
  };
}
