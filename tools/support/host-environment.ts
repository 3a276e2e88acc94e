/** Returns the environment of this process, which the programs that a tool starts may need. */
export function hostEnvironment(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}
