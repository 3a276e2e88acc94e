import { createInterface } from 'node:readline';
import type { Ack, Hello, Step } from '../protocol.js';
import { ReferenceApp } from './reference-app.js';

const app = new ReferenceApp((url, request) => fetch(url, request));
const write = (line: Ack | Hello): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** The reference client as the kit speaks with it: steps on standard input, answers on standard output. */
write({ protocol: 1, time: 'virtual' });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    write(await app.play(JSON.parse(line) as Step));
  } catch (error) {
    write({ ok: false, error: error instanceof Error ? error.message : String(error) });
  }
}
