import { readFileSync } from 'node:fs';
import type { Environment } from '../variables/catalogue.js';
import { namesOfSet } from './set-names.js';

type Name = keyof Environment;

/** The variables that set up TLS towards one dependency. */
export interface TlsNames {
  readonly isOn: Name;
  readonly ca: Name;
  readonly cert: Name;
  readonly key: Name;
}

/** Returns files without TLS, half of a client certificate, and files that cannot be read. */
export function tlsProblems(env: Environment, { isOn, ca, cert, key }: TlsNames): string[] {
  const problems: string[] = [];
  const files = namesOfSet(env, [ca, cert, key]);
  if (env[isOn] !== true && files.length > 0) {
    problems.push(`${files.join(', ')}: without effect unless ${isOn} is true: set it, or remove them`);
  }
  if ((env[cert] === undefined) !== (env[key] === undefined)) {
    problems.push(`${cert} and ${key} belong together: set both or none`);
  }
  for (const name of files) {
    try {
      readFileSync(String(env[name]));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(
        `${name} must name a readable file, it is ${JSON.stringify(env[name])} (${code ?? 'unknown reason'}): correct the path or its rights`,
      );
    }
  }
  return problems;
}
