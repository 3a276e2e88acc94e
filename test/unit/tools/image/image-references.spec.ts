import { describe, expect, it } from '@jest/globals';
import { findImages, pinImages, readDigest } from '../../../../tools/image/image-references.js';
import { COMPOSE, DOCKERFILE } from '../../deployment/deployment-files.js';

const DIGEST = `sha256:${'0f'.repeat(32)}`;

describe('the images of the project’s files', () => {
  it('are found once each, without the stages of the Dockerfile', () => {
    expect(findImages(DOCKERFILE)).toEqual([expect.stringMatching(/^node:/)]);
    expect(findImages(COMPOSE)).toEqual(
      ['postgres', 'redis', 'apache/kafka', 'prom/prometheus', 'prom/alertmanager', 'grafana/grafana'].map(
        (name) => expect.stringMatching(new RegExp(`^${name}:`)),
      ),
    );
  });

  it.each([
    ['FROM node:24.1.0-slim AS base', `FROM node:24.1.0-slim@${DIGEST} AS base`],
    [`FROM node:24.1.0-slim@sha256:${'a'.repeat(64)} AS base`, `FROM node:24.1.0-slim@${DIGEST} AS base`],
    ['    image: node:24.1.0-slim # why', `    image: node:24.1.0-slim@${DIGEST} # why`],
    ['FROM base AS build', 'FROM base AS build'],
    ['    image: redis:8-alpine', '    image: redis:8-alpine'],
    ['      org.opencontainers.image.base.name="node:24.1.0-slim"', null],
  ])('%s is pinned', (line, pinned) => {
    expect(pinImages(line, new Map([['node:24.1.0-slim', DIGEST]]))).toBe(pinned ?? line);
  });

  it('get the digest of the index, and none from an answer without one', () => {
    expect(readDigest(`{"mediaType":"x","digest":"${DIGEST}","size":1}`)).toBe(DIGEST);
    expect(readDigest('{"digest":"sha256:short"}')).toBeNull();
  });
});
