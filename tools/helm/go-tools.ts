import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import { hostEnvironment } from '../support/host-environment.js';

const BUILD_TIMEOUT_MS = 480_000;
const OLDEST_GO = [1, 24] as const;

export interface ChartTools {
  readonly helm: string;
  /** Program of `manifests/main.go`. */
  readonly manifests: string;
}

/** Says whether `go version` names a Go that reads the `tool` lines of go.mod. */
export function isNewEnough(version: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(version) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_GO;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}

/**
 * Builds helm and the reader of manifests as go.mod and go.sum pin them, once for each content of these files.
 *
 * @returns the reason where they cannot be had
 * @throws CheckFailedError when Go cannot build them
 */
export function buildChartTools(): ChartTools | string {
  const go = spawnSync('go', ['version'], { cwd: import.meta.dirname, encoding: 'utf8' });
  if (go.error !== undefined || !isNewEnough(go.stdout)) return 'there is no Go 1.24 or later';
  const sources = ['go.mod', 'go.sum', 'manifests/main.go'].map((path) =>
    readFileSync(join(import.meta.dirname, path)),
  );
  const hash = sources.reduce((sum, source) => sum.update(source), createHash('sha256')).digest('hex');
  const cache = join(homedir(), '.cache', 'analytics-presence', `chart-tools-${hash.slice(0, 16)}`);
  mkdirSync(cache, { recursive: true });
  const tools = { helm: join(cache, 'helm'), manifests: join(cache, 'manifests') };
  const reason = build(tools.helm, 'helm.sh/helm/v3/cmd/helm') ?? build(tools.manifests, './manifests');
  return reason ?? tools;
}

/** @returns the reason when the modules do not come, else null */
function build(program: string, packageName: string): string | null {
  if (existsSync(program)) return null;
  const partial = `${program}.${process.pid}`;
  const { status, stderr } = spawnSync(
    'go',
    ['build', '-mod=readonly', '-trimpath', '-o', partial, packageName],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      timeout: BUILD_TIMEOUT_MS,
      env: { ...hostEnvironment(), CGO_ENABLED: '0' },
    },
  );
  if (status === 0) {
    renameSync(partial, program);
    return null;
  }
  if (status === null) return `go build ${packageName} took more than ${BUILD_TIMEOUT_MS / 1000} s`;
  if (isUnreachable(stderr)) return 'the proxy of Go modules does not answer';
  throw new CheckFailedError(`go build ${packageName} failed: ${stderr}`);
}

/** Says whether Go failed because the network gave it nothing. */
export function isUnreachable(message: string): boolean {
  return /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake timeout/.test(message);
}
