import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, posix } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import { hostEnvironment } from '../support/host-environment.js';
import { runSuccessfully } from '../support/processes.js';
import type { BuildContext } from './build-context.js';
import type { CopyStep, ImagePlan, RunStep, Stage } from './image-plan.js';

/** The stage that compiles; the checkout has its output after `npm run build`. */
export const BUILD_STAGE = 'build';

const RUN_TIMEOUT_MS = 5 * 60_000;
const COPY_TIMEOUT_MS = 20_000;

/** Follows the steps of a Dockerfile in directories instead of containers. */
export class ImageTreeBuilder {
  /** The root directories of the stages that have been built. */
  private readonly roots = new Map<string, string>();

  constructor(
    private readonly context: BuildContext,
    /** Gets a directory for each stage. */
    private readonly directory: string,
    /** False takes the output of the build stage from the checkout. */
    private readonly runsBuildStage: boolean,
  ) {}

  /** Builds the stages that the image needs. @returns the root directory of the image */
  async build(plan: ImagePlan): Promise<string> {
    const needed = this.findNeededStages(plan);
    for (const stage of plan.stages) if (needed.has(stage.name)) await this.buildStage(stage);
    return join(this.directory, plan.image.name);
  }

  private findNeededStages({ stages, image }: ImagePlan): Set<string> {
    const needed = new Set([image.name]);
    for (const { name, from, steps } of stages.toReversed()) {
      if (!needed.has(name)) continue;
      needed.add(from);
      for (const step of steps) {
        if (step.instruction !== 'COPY' || step.from === null) continue;
        if (this.runsBuildStage || step.from !== BUILD_STAGE) needed.add(step.from);
      }
    }
    return needed;
  }

  private async buildStage(stage: Stage): Promise<void> {
    const root = join(this.directory, stage.name);
    const parent = this.roots.get(stage.from);
    if (parent !== undefined) await copyTree(parent, root);
    mkdirSync(join(root, stage.workdir), { recursive: true });
    this.roots.set(stage.name, root);
    for (const step of stage.steps) {
      if (step.instruction === 'RUN') await runCommand(step, stage, root);
      else if (step.from === null) this.copyFromContext(step, stage, root);
      else await this.copyFromStage(step, step.from, stage, root);
    }
  }

  private copyFromContext(step: CopyStep, stage: Stage, root: string): void {
    for (const source of step.sources) {
      const files = this.context.filesAt(source);
      if (files.length === 0) {
        throw new CheckFailedError(`COPY ${source}: the file is missing or excluded by .dockerignore`);
      }
      const isDirectory = statSync(join(this.context.root, source)).isDirectory();
      const target = targetOf(step, source, isDirectory, stage, root);
      for (const file of files) {
        const copy = isDirectory ? join(target, posix.relative(source, file)) : target;
        mkdirSync(dirname(copy), { recursive: true });
        copyFileSync(join(this.context.root, file), copy);
        if (step.chmod !== null) chmodSync(copy, Number.parseInt(step.chmod, 8));
      }
    }
  }

  private async copyFromStage(step: CopyStep, from: string, stage: Stage, root: string): Promise<void> {
    const fromRoot = this.roots.get(from);
    for (const source of step.sources) {
      const path =
        fromRoot === undefined
          ? join(this.context.root, posix.relative(stage.workdir, source))
          : join(fromRoot, source);
      if (!existsSync(path)) {
        throw new CheckFailedError(
          `COPY --from=${from} ${source}: ${path} is missing; run "npm run build" first`,
        );
      }
      const isDirectory = statSync(path).isDirectory();
      const target = targetOf(step, source, isDirectory, stage, root);
      if (isDirectory) await copyTree(path, target);
      else copyFileSync(path, target);
    }
  }
}

/** The content of a directory goes to the destination itself; a file may go into it under its own name. */
function targetOf(step: CopyStep, source: string, isDirectory: boolean, stage: Stage, root: string): string {
  const target = join(root, posix.resolve(stage.workdir, step.destination));
  const intoDirectory = step.destination.endsWith('/') || step.sources.length > 1;
  return intoDirectory && !isDirectory ? join(target, basename(source)) : target;
}

/** Copies with a program: node_modules has thousands of files. */
async function copyTree(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  await runSuccessfully('cp', ['-RPp', `${from}/.`, to], { timeoutMs: COPY_TIMEOUT_MS });
}

async function runCommand({ command }: RunStep, stage: Stage, root: string): Promise<void> {
  await runSuccessfully('sh', ['-c', command], {
    cwd: join(root, stage.workdir),
    env: { ...npmEnvironment(), ...stage.env },
    timeoutMs: RUN_TIMEOUT_MS,
  });
}

/** Returns this environment without the variables that `npm run` adds; packages may come from npm's cache. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const host = hostEnvironment();
  const kept = Object.entries(host).filter(
    ([name]) => !/^npm_(package|lifecycle|command|execpath|node)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), host['PATH']].join(delimiter),
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    NODE_ENV: '',
  };
}
