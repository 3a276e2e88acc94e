import { readFileSync } from 'node:fs';
import { isPair, pemProblem, type PemContent } from '../pem-content.js';
import type { Environment } from '../variables/catalogue.js';
import { splitPostgresUrls } from '../postgres-hosts.js';
import { namesOfSet } from './set-names.js';

type Name = keyof Environment;

/** The variables that set up TLS towards one dependency. */
export interface TlsNames {
  readonly isOn: Name;
  readonly ca: Name;
  readonly cert: Name;
  readonly key: Name;
}

/** Returns files without TLS, half of a client certificate, and files that cannot be read or that TLS cannot use. */
export function tlsProblems(env: Environment, { isOn, ca, cert, key }: TlsNames): string[] {
  const problems: string[] = [];
  const files = namesOfSet(env, [ca, cert, key]);
  if (env[isOn] !== true && files.length > 0) {
    problems.push(`${files.join(', ')}: without effect unless ${isOn} is true: set it, or remove them`);
  }
  if ((env[cert] === undefined) !== (env[key] === undefined)) {
    problems.push(`${cert} and ${key} belong together: set both or none`);
  }
  const texts = new Map<Name, string>();
  for (const name of files) {
    const file = readPem(name, String(env[name]), name === key ? 'private key' : 'certificates');
    if (file.problem === null) texts.set(name, file.text);
    else problems.push(file.problem);
  }
  const [certText, keyText] = [texts.get(cert), texts.get(key)];
  if (certText !== undefined && keyText !== undefined && !isPair(certText, keyText)) {
    problems.push(
      `${key} must name the private key of ${cert}, it is ${JSON.stringify(env[key])}, which belongs to another certificate: ` +
        'set the two files that were made together',
    );
  }
  return problems;
}

/** Files of TLS that a database URL names, which the driver would read at its first connection. */
const URL_FILES = { sslrootcert: 'certificates', sslcert: 'certificates', sslkey: 'private key' } as const;

/** Returns the files in a database URL that cannot be read or that TLS cannot use; nothing else of the URL is shown. */
export function databaseTlsProblems(env: Environment): string[] {
  const urls = [
    ['DATABASE_URL', env.DATABASE_URL],
    ['DATABASE_MIGRATION_URL', env.DATABASE_MIGRATION_URL],
    ...splitPostgresUrls(env.DATABASE_INGEST_URLS).map((url) => ['DATABASE_INGEST_URLS', url] as const),
  ] as const;
  return urls.flatMap(([name, url]) => {
    const parameters = new URLSearchParams(url?.split('?')[1] ?? '');
    return Object.entries(URL_FILES).flatMap(([parameter, content]) => {
      const path = parameters.get(parameter);
      if (path === null) return [];
      const { problem } = readPem(`${name} (${parameter})`, path, content);
      return problem === null ? [] : [problem];
    });
  });
}

type PemFile = { readonly problem: null; readonly text: string } | { readonly problem: string };

function readPem(name: string, file: string, content: PemContent): PemFile {
  const path = JSON.stringify(file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      problem: `${name} must name a readable file, it is ${path} (${code ?? 'unknown reason'}): correct the path or its rights`,
    };
  }
  const problem = pemProblem(text, content);
  if (problem === null) return { problem, text };
  return {
    problem:
      `${name} must name a PEM file of ${content === 'certificates' ? content : `a ${content}`}, it is ${path}: ${problem}. ` +
      'Copy the file again from the authority that made it',
  };
}
