import { describe, expect, it } from '@jest/globals';
import { readImagePlan } from '../../../../tools/image/image-plan.js';

const COMPLETE = 'HEALTHCHECK --interval=5s CMD ["node", "check.mjs"]\nCMD ["node", "main.js"]\n';

describe('readImagePlan', () => {
  it('joins continued lines and leaves out comments and flags of RUN', () => {
    const { image } = readImagePlan(
      `FROM node AS app\n# Installs.\nRUN --mount=type=cache,target=/root \\\n    npm ci \\\n    && ls\n${COMPLETE}`,
    );

    expect(image.steps).toEqual([{ instruction: 'RUN', command: 'npm ci && ls' }]);
  });

  it('gives a stage the working directory, variables and user of the stage that it starts from', () => {
    const { stages } = readImagePlan(
      `FROM node AS base\nWORKDIR /app\nENV A=1 B="two words"\nUSER 1000:1000\nFROM base\nWORKDIR sub\nENV C=3\n${COMPLETE}`,
    );

    expect(stages[1]).toMatchObject({
      name: '1',
      workdir: '/app/sub',
      env: { A: '1', B: 'two words', C: '3' },
      user: '1000:1000',
    });
  });

  it('reads the stage, the mode and the sources of a COPY', () => {
    const { image } = readImagePlan(`FROM node\nCOPY --from=build --chmod=0644 a b dir/\n${COMPLETE}`);

    expect(image.steps).toEqual([
      { instruction: 'COPY', from: 'build', chmod: '0644', sources: ['a', 'b'], destination: 'dir/' },
    ]);
  });

  it.each([
    ['an unknown instruction', `FROM node\nVOLUME /data\n${COMPLETE}`],
    ['a command in shell form', 'FROM node\nHEALTHCHECK CMD ["true"]\nCMD node main.js\n'],
    ['an instruction before the first FROM', `USER 1000\nFROM node\n${COMPLETE}`],
    ['an image without HEALTHCHECK', 'FROM node\nCMD ["node", "main.js"]\n'],
  ])('rejects %s', (_, dockerfile) => {
    expect(() => readImagePlan(dockerfile)).toThrow(/Dockerfile/);
  });
});
