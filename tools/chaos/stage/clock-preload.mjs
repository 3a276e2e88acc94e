/**
 * Shifts the wall clock of the process that loads this module by the milliseconds that a file holds:
 * `node --import file:///…/clock-preload.mjs?file=/path main.js`. The monotonic clock and timers stay as they are.
 */
import { readFileSync } from 'node:fs';

const READ_EVERY_MS = 100;

const file = new URL(import.meta.url).searchParams.get('file');
const RealDate = Date;
let shiftMs = 0;

setInterval(readShift, READ_EVERY_MS).unref();
readShift();

function readShift() {
  try {
    shiftMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    shiftMs = 0;
  }
}

function shiftedNow() {
  return RealDate.now() + shiftMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [shiftedNow()] : values, newTarget),
  apply: () => new RealDate(shiftedNow()).toString(),
  get: (target, name) => (name === 'now' ? shiftedNow : Reflect.get(target, name)),
});
