/**
 * Bounds a wait for the service to be back after a fault. It promises ten seconds, which `npm run chaos` measures;
 * a machine that is busy with other suites gets three times as long.
 */
export const RECOVERY_MS = 30_000;
