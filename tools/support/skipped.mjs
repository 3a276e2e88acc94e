import { appendFileSync } from 'node:fs';

/**
 * Notes what a check leaves out although it passes. The table of `.ci/run` shows the notes of each step.
 *
 * @param {string} what names the part and the reason
 */
export function noteSkipped(what) {
  const file = process.env.STEP_SKIPPED_FILE;
  if (file) appendFileSync(file, `${what.replaceAll(/\s+/g, ' ').trim()}\n`);
}
