import { chmodSync, copyFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import { hostEnvironment } from '../support/host-environment.js';
import {
  describeExit,
  runProcess,
  startProcess,
  type Exit,
  type StartedProcess,
  type StartOptions,
} from '../support/processes.js';
import type { Image } from './image-plan.js';

const COMMAND_TIMEOUT_MS = 20_000;

export type Environment = Readonly<Record<string, string>>;

/** Runs commands with the user, the working directory and the variables that a container of the image would have. */
export class Container {
  private readonly uid: number;
  private readonly gid: number;

  /** @throws CheckFailedError when the image's user is root or has no number */
  constructor(
    private readonly image: Image,
    private readonly root: string,
    /** The path of Node, which the tree of the image lacks. */
    private readonly node: string,
  ) {
    const [uid = 0, gid = uid] = image.user.split(':').map(Number);
    if (!(uid > 0)) {
      throw new CheckFailedError(
        `USER ${image.user} of the Dockerfile must be the number of a user other than root`,
      );
    }
    this.uid = uid;
    this.gid = gid;
  }

  start([program = '', ...args]: readonly string[], environment: Environment): StartedProcess {
    return startProcess(this.programPath(program), args, this.options(environment));
  }

  run(
    [program = '', ...args]: readonly string[],
    environment: Environment,
  ): Promise<{ readonly exit: Exit; readonly output: string }> {
    return runProcess(this.programPath(program), args, {
      ...this.options(environment),
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
  }

  /** @throws CheckFailedError unless the command ends with exit code 0 and its output contains `expected` */
  async runExpecting(command: readonly string[], environment: Environment, expected: string): Promise<void> {
    const { exit, output } = await this.run(command, environment);
    if (exit !== 0 || !output.includes(expected)) {
      throw new CheckFailedError(
        `${command.join(' ')}: expected exit code 0 and "${expected}", got ${describeExit(exit)}:\n${output}`,
      );
    }
  }

  private programPath(program: string): string {
    return program === 'node' ? this.node : program;
  }

  private options(environment: Environment): StartOptions {
    return {
      cwd: join(this.root, this.image.workdir),
      env: { PATH: hostEnvironment()['PATH'], HOME: '/nonexistent', ...this.image.env, ...environment },
      // Another user than root cannot change its user, and has no rights that the image's user lacks.
      ...(isRoot() && { uid: this.uid, gid: this.gid }),
    };
  }
}

/** Returns the path of Node, or of a copy in `directory` when other users cannot reach it. */
export function nodeForContainer(directory: string, node: string): string {
  if (!isRoot() || isReachableByOthers(node)) return node;
  const copy = join(directory, 'node');
  copyFileSync(node, copy);
  chmodSync(copy, 0o755);
  return copy;
}

function isReachableByOthers(path: string): boolean {
  return path === '/' || ((statSync(path).mode & 0o001) !== 0 && isReachableByOthers(dirname(path)));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
