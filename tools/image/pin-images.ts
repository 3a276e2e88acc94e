import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError, runCheck, runStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { runSuccessfully } from '../support/processes.js';
import { findImages, pinImages, readDigest } from './image-references.js';
import { IMAGE_PIN } from './pin-images-command.js';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['Dockerfile', '.devcontainer/Dockerfile', 'docker-compose.yml'];
const REGISTRY_TIMEOUT_MS = 60_000;

async function askRegistry(image: string): Promise<string> {
  const answer = await runSuccessfully(
    'docker',
    ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', image],
    { timeoutMs: REGISTRY_TIMEOUT_MS },
  );
  const digest = readDigest(answer);
  if (digest === null)
    throw new CheckFailedError(`${image}: the registry's answer has no digest:\n${answer}`);
  return digest;
}

/** Changes no file before every registry has answered. */
async function pinAll(): Promise<void> {
  const texts = FILES.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
  const digests = new Map<string, string>();
  for (const image of new Set(texts.flatMap(([, text]) => findImages(text))))
    digests.set(image, await runStep(image, () => askRegistry(image), String));
  for (const [file, text] of texts) writeFileSync(join(ROOT, file), pinImages(text, digests));
}

commandLineOf(IMAGE_PIN);
await runCheck(pinAll);
