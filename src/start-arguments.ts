const USAGE = `Usage: npm start

Starts the service. It takes no arguments: environment variables and .env configure it, docs/configuration.md lists
them. Commands of an operator are npm scripts of their own, such as npm run outbox:status -- --help.`;

/** Ends the process unless the command line is empty: a typing error must not start a service. */
export function refuseArguments([first]: readonly string[]): void {
  if (first === undefined) return;
  const isHelp = first === '--help' || first === '-h';
  if (isHelp) process.stdout.write(`${USAGE}\n`);
  else process.stderr.write(`Unexpected argument "${first}"\n${USAGE}\n`);
  process.exit(isHelp ? 0 : 2);
}
