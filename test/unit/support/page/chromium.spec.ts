import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { startChromium } from '../../../support/page/chromium.js';
import { findChromium } from '../../../support/page/find-chromium.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'analytics-test-chromium-'));
  writeFileSync(join(directory, 'chromium'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(directory, 'chromium'), 0o755);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('findChromium', () => {
  it('returns what TEST_CHROMIUM names before any other browser', () => {
    expect(findChromium({ TEST_CHROMIUM: '/opt/chrome', PATH: directory })).toBe('/opt/chrome');
  });

  it('returns a browser of the PATH', () => {
    expect(findChromium({ PATH: ['/nowhere', directory].join(delimiter) })).toBe(join(directory, 'chromium'));
  });
});

describe('startChromium', () => {
  const given = process.env['TEST_CHROMIUM'];

  afterEach(() => {
    if (given === undefined) delete process.env['TEST_CHROMIUM'];
    else process.env['TEST_CHROMIUM'] = given;
  });

  it('fails for a browser that is not there, and says what to install', async () => {
    process.env['TEST_CHROMIUM'] = join(directory, 'nothing');
    await expect(startChromium()).rejects.toThrow(
      /TEST_CHROMIUM names .*nothing, which is not a program\. Install it \(Debian\/Ubuntu: apt-get install chromium/,
    );
  });

  it('fails for a browser that does not start, and says what to install', async () => {
    process.env['TEST_CHROMIUM'] = join(directory, 'chromium');
    await expect(startChromium()).rejects.toThrow(
      /chromium does not start\. Install it .*or set TEST_CHROMIUM/,
    );
  });
});
