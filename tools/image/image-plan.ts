import { posix } from 'node:path';
import { CheckFailedError } from '../support/check-steps.js';
import {
  readAssignments,
  readExecForm,
  readInstructions,
  rejectInstruction,
  splitFlags,
  type Instruction,
} from './dockerfile-instructions.js';

export interface CopyStep {
  readonly instruction: 'COPY';
  /** A stage, or null for the build context. */
  readonly from: string | null;
  readonly chmod: string | null;
  readonly sources: readonly string[];
  readonly destination: string;
}

export interface RunStep {
  readonly instruction: 'RUN';
  readonly command: string;
}

export interface Stage {
  readonly name: string;
  /** Another stage, or an image of a registry. */
  readonly from: string;
  readonly steps: readonly (CopyStep | RunStep)[];
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string;
  readonly expose: readonly number[];
  readonly cmd: readonly string[] | null;
  readonly healthcheck: readonly string[] | null;
}

/** The last stage, which says how a container is run. */
export interface Image extends Stage {
  readonly cmd: readonly string[];
  readonly healthcheck: readonly string[];
}

export interface ImagePlan {
  readonly stages: readonly Stage[];
  readonly image: Image;
}

/**
 * Reads the stages of a Dockerfile.
 *
 * @throws CheckFailedError for an instruction that the check does not support, and for an image without a command
 */
export function readImagePlan(dockerfile: string): ImagePlan {
  const stages: Stage[] = [];
  for (const instruction of readInstructions(dockerfile)) {
    if (instruction.keyword === 'FROM') {
      stages.push(openStage(instruction, stages));
      continue;
    }
    const stage = stages.pop() ?? rejectInstruction(instruction);
    stages.push({ ...stage, ...applyInstruction(instruction, stage) });
  }
  const last = stages.at(-1);
  if (!last?.cmd || !last.healthcheck) {
    throw new CheckFailedError('The last stage of the Dockerfile has no CMD or no HEALTHCHECK.');
  }
  return { stages, image: { ...last, cmd: last.cmd, healthcheck: last.healthcheck } };
}

function openStage(instruction: Instruction, stages: readonly Stage[]): Stage {
  const [, from, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.text) ?? [];
  if (from === undefined) return rejectInstruction(instruction);
  const parent = stages.find((stage) => stage.name === from);
  return {
    name: name ?? String(stages.length),
    from,
    steps: [],
    workdir: parent?.workdir ?? '/',
    env: parent?.env ?? {},
    labels: {},
    user: parent?.user ?? 'root',
    expose: [],
    cmd: null,
    healthcheck: null,
  };
}

/** Returns the properties of the stage that the instruction changes. */
function applyInstruction(instruction: Instruction, stage: Stage): Partial<Stage> {
  const { keyword, text } = instruction;
  const { flags, rest } = splitFlags(text);
  switch (keyword) {
    case 'ARG':
      return {};
    case 'WORKDIR':
      return { workdir: posix.resolve(stage.workdir, text) };
    case 'ENV':
      return { env: { ...stage.env, ...readAssignments(text) } };
    case 'LABEL':
      return { labels: { ...stage.labels, ...readAssignments(text) } };
    case 'USER':
      return { user: text };
    case 'EXPOSE':
      return { expose: [...stage.expose, ...text.split(/\s+/).map(Number)] };
    case 'CMD':
      return { cmd: readExecForm(instruction, text) };
    case 'HEALTHCHECK':
      return { healthcheck: readExecForm(instruction, rest.replace(/^CMD\s+/, '')) };
    case 'COPY':
      return { steps: [...stage.steps, readCopy(flags, rest.split(/\s+/))] };
    case 'RUN':
      return { steps: [...stage.steps, { instruction: 'RUN', command: rest }] };
    default:
      return rejectInstruction(instruction);
  }
}

function readCopy(flags: Readonly<Record<string, string>>, paths: readonly string[]): CopyStep {
  return {
    instruction: 'COPY',
    from: flags['from'] ?? null,
    chmod: flags['chmod'] ?? null,
    sources: paths.slice(0, -1),
    destination: paths.at(-1) ?? '',
  };
}
