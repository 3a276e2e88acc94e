import type { Platform } from '../ports/platform.js';

/** The ports that the globals of browsers fill; Node and React Native have the same globals. */
export const STANDARD_PORTS: Pick<Platform, 'clock' | 'startTimer' | 'random' | 'fetch'> = {
  clock: {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    // Some browsers and systems stop it.
    monotonicCountsSleep: false,
  },
  startTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  fetch: (url, request) => fetch(url, request),
};
