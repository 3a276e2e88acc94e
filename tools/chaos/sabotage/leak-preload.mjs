/** Makes the process that loads this module keep ever more of its heap: `node --import …/leak-preload.mjs main.js`. */
const EVERY_MS = 250;
/** Each turn keeps 56 KiB of numbers more than the one before, so that any later heap is far above any earlier one. */
const NUMBERS_A_TURN = 7_168;
/** The leak ends at about 350 MiB, before the limit of the heap. */
const TURNS = 112;

const kept = [];

setInterval(() => {
  if (kept.length < TURNS) kept.push(new Array((kept.length + 1) * NUMBERS_A_TURN).fill(Math.PI));
}, EVERY_MS).unref();
