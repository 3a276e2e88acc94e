/** Ends this program when its parent dies, which closes the program's standard input. */
export function endWithParent(): void {
  process.stdin.once('close', () => process.exit()).resume();
}
