import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readLogVolume } from '../../../../tools/chaos/observation/log-volume.js';

describe('readLogVolume', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaos-log-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('counts the lines of each minute, and those without a time with the line before them', () => {
    const path = join(directory, 'replica-0.log');
    const line = (time: string): string =>
      JSON.stringify({ level: 'info', time, message: `took ${time} ms` });
    const lines = [
      line('2026-11-28T14:39:03.795Z'),
      line('2026-11-28T14:40:00.000Z'),
      '    at Object.<anonymous> (main.js:1:1)',
      line('2026-11-28T14:40:59.999Z'),
      line('2026-11-28T14:41:00.000Z'),
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    expect(readLogVolume(0, path)).toEqual({
      ...{ replica: 0, lines: 5, busiestMinute: 3 },
      mostFrequent: '"took …-…-…T…:…:….…Z ms" × 4',
    });
  });

  it('counts nothing of a log that is not there', () => {
    expect(readLogVolume(1, join(directory, 'none'))).toMatchObject({ lines: 0, busiestMinute: 0 });
  });
});
