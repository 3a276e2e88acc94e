/**
 * Shifts the wall clock of a process by the milliseconds in this module's URL, as a machine's wrong clock does:
 * node --import file:///…/shifted-clock.mjs?ms=3600000 program.js. Timers and performance.now() stay true.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const TrueDate = Date;
const now = () => TrueDate.now() + shiftMs;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new TrueDate(now()).toString(),
  get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
});
