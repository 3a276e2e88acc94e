/** For programs that run until they are ended: a parent that is killed cannot end them, but it lets go of their input. */
export function endWithParent(): void {
  process.stdin.once('close', () => process.exit()).resume();
}
