/** Tests whether a caught value is a system error with one of these codes (ENOENT, …). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  // `instanceof Error` fails under Jest, whose modules have an Error class of their own.
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** Returns a handler for `catch` that turns errors with these codes into undefined and rethrows others. */
export function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!hasCode(error, ...codes)) throw error;
  };
}
