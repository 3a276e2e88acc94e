import { rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { request, signToken } from '../support/http.js';
import { temporaryDirectory, waitFor } from '../support/processes.js';
import { runBuilt, startBuilt, type ProgramResult, type Settings } from '../support/service.js';
import { countsOf, expectedDau } from './support/dau-oracle.js';
import {
  daysAgo,
  event,
  millisecondsToMidnight,
  shanghaiDay,
  startOfShanghaiDay,
  type WireEvent,
} from '../support/events.js';
import type { OwnerDatabase } from '../support/owner-database.js';

const IMPORT = 'src/cli/events-import.js';
const CALCULATE = 'src/cli/dau-calculate.js';
const AUDIT = 'src/cli/dau-audit.js';

interface AuditResult {
  readonly days: readonly object[];
}
const YEARS_AGO = '2018-11-01';

// Most tests run several commands, each of which starts the application.
jest.setTimeout(60_000);

let directory: string;
let deployment: Deployment;
let env: Settings;
let stored: OwnerDatabase;

beforeAll(() => {
  directory = temporaryDirectory('import');
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  deployment = await Deployment.create();
  ({ settings: env, stored } = deployment);
});

afterEach(async () => {
  await deployment.remove();
});

/** Writes a file of lines, which may be events or raw text. */
function write(name: string, lines: readonly (WireEvent | string)[]): string {
  const file = join(directory, name);
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

/** Returns a history of two days, years ago: as many sessions of users and installs as other events. */
function history(count: number): WireEvent[] {
  const start = startOfShanghaiDay(YEARS_AGO);
  return Array.from({ length: count }, (_, i) =>
    event({
      clientTs: (start + i * Math.floor((2 * 86_400_000) / count)) / 1000,
      installId: `install-${i % 50}`,
      eventName: i % 2 === 0 ? 'app_session_start' : 'song_played',
      ...(i % 3 === 0 && { userId: String(1 + (i % 40)) }),
      properties: { province: ['广东省', '浙江省'][i % 2]!, city: ['深圳市', '杭州市', '广州市'][i % 3]! },
    }),
  );
}

async function rows(): Promise<number> {
  return Number((await stored.counts())['log']);
}

function totals({ output }: ProgramResult): {
  lines: number;
  accepted: number;
  duplicates: number;
  rejected: number;
} {
  const match = /(\d+) lines: (\d+) accepted, (\d+) duplicates, (\d+) rejected in [\d.]+ s$/m.exec(output);
  if (match === null) throw new Error(`No totals in:\n${output}`);
  const [lines, accepted, duplicates, rejected] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { lines, accepted, duplicates, rejected };
}

describe('events:import', () => {
  it('stores a file once, plain or gzip, and recognises events without ids by their content', async () => {
    const events = history(2500);
    const withoutIds = history(300).map(({ eventId: _, ...rest }) => JSON.stringify(rest));
    const first = await runBuilt(IMPORT, [write('history.jsonl', [...events, ...withoutIds])], env);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(totals(first)).toEqual({ lines: 2800, accepted: 2800, duplicates: 0, rejected: 0 });
    const all = [...withoutIds, ...events, ...history(10)];
    const second = await runBuilt(IMPORT, [write('history.jsonl.gz', all)], env);
    expect(second).toMatchObject({ exitCode: 0 });
    expect(totals(second)).toEqual({ lines: 2810, accepted: 10, duplicates: 2800, rejected: 0 });
    expect(await rows()).toBe(2810);
    const [row] = await stored.events([events[3]!.eventId]);
    expect(row).toMatchObject({
      eventTime: new Date(events[3]!.clientTs * 1000),
      userId: '4',
      installId: 'install-3',
    });
  });

  it('reports invalid lines by number, exits with 1, and stores all others', async () => {
    const events = history(8);
    const good = events.map((one) => JSON.stringify(one));
    const file = write('some-bad.jsonl', [
      good[0]!,
      '{"eventName":"app_session_start"',
      good[1]!,
      '',
      '   ',
      JSON.stringify({ ...event(), installId: 'short' }),
      `${good[2]!}\r`,
      'null',
      '[]',
      good[3]!,
      '\u0000',
      JSON.stringify({ ...event(), userId: '-1' }),
      JSON.stringify({ ...event(), clientTs: Date.now() }),
      `${good[4]!.slice(0, -1)},"properties":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
      `${good[5]!.slice(0, -1)},"properties":{"a":"${'x'.repeat(1024 * 1024)}"}}`,
      good[6]!,
      good[7]!,
    ]);
    const result = await runBuilt(IMPORT, [file], env);
    expect(result.exitCode).toBe(1);
    const reported = [...result.output.matchAll(/^line (\d+): (.+)$/gm)].map(([, line, message]) => [
      Number(line),
      message,
    ]);
    expect(reported.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [2, expect.stringContaining('JSON')],
      [6, expect.stringContaining('installId')],
      [8, expect.stringContaining('object')],
      [9, expect.stringContaining('object')],
      [11, expect.stringContaining('JSON')],
      [12, expect.stringContaining('userId')],
      [13, expect.stringContaining('clientTs')],
      [14, expect.stringContaining('properties')],
      [15, expect.stringContaining('1 MiB')],
    ]);
    expect(totals(result)).toEqual({ lines: 17, accepted: 6, duplicates: 0, rejected: 9 });
    const kept = [0, 1, 2, 3, 6, 7].map((i) => events[i]!.eventId);
    expect((await stored.events(kept)).map((row) => row?.eventId)).toEqual(kept);
    expect(await rows()).toBe(6);
  });

  it('reports a truncated gzip file, and imports the complete file afterwards without duplicates', async () => {
    const file = write('cut.jsonl.gz', history(5000));
    const whole = statSync(file).size;
    const events = history(5000);
    write('cut.jsonl.gz', events);
    truncateSync(file, Math.floor(whole / 2));
    const result = await runBuilt(IMPORT, [file], env);
    expect(result.exitCode).toBe(1);
    expect(result.output).toMatch(/unexpected end of file|cut short|truncated|damaged/i);
    const before = await rows();
    expect(before).toBeLessThan(5000);

    write('cut.jsonl.gz', events);
    const again = await runBuilt(IMPORT, [file], env);
    expect(again.exitCode).toBe(0);
    expect(totals(again)).toEqual({ lines: 5000, accepted: 5000 - before, duplicates: before, rejected: 0 });
    expect(await rows()).toBe(5000);
  });

  it('rejects unreadable files and accepts an empty one', async () => {
    const plain = join(directory, 'plain.jsonl.gz');
    writeFileSync(plain, JSON.stringify(event()));
    const cases: readonly (readonly [args: readonly string[], exitCode: number, message: RegExp])[] = [
      [[], 2, /^Usage: npm run events:import/m],
      [['/nowhere/events.jsonl'], 2, /^\/nowhere\/events\.jsonl is no file that can be read$/m],
      [[plain], 1, /incorrect header check|not compressed|no gzip/i],
      [[write('empty.jsonl', [])], 0, /^0 lines: 0 accepted, 0 duplicates, 0 rejected in/m],
    ];
    const results = await Promise.all(cases.map(([args]) => runBuilt(IMPORT, args, env)));
    results.forEach(({ exitCode, output }, index) => {
      const [, expectedCode, message] = cases[index]!;
      expect({ exitCode, output }).toEqual({
        exitCode: expectedCode,
        output: expect.stringMatching(message),
      });
    });
    expect(await rows()).toBe(0);
  });

  it('exits with 130 on SIGINT and resumes on the next start', async () => {
    const file = write('long.jsonl', history(30_000));
    const interrupted = await startBuilt(IMPORT, [file], env);
    await waitFor(rows, 20_000, { what: 'the import has begun' });
    interrupted.kill('SIGINT');
    const first = await interrupted.result(15_000);
    expect(first.exitCode).toBe(130);
    expect(first.output).toMatch(/^Interrupted: \d+ lines: .*\nStart the same command again to resume/m);
    const before = await rows();
    expect(before).toBeLessThan(30_000);
    expect(totals(first).accepted).toBe(before);

    const second = await runBuilt(IMPORT, [file], env);
    expect(second.exitCode).toBe(0);
    expect(totals(second)).toEqual({
      lines: 30_000,
      accepted: 30_000 - before,
      duplicates: before,
      rejected: 0,
    });
    expect(await rows()).toBe(30_000);
  });

  it('resumes after SIGKILL', async () => {
    const file = write('killed.jsonl', history(20_000));
    const killed = await startBuilt(IMPORT, [file], env);
    await waitFor(rows, 20_000, { what: 'the import has begun' });
    await killed.stop('SIGKILL');
    const second = await runBuilt(IMPORT, [file], env);
    expect(second.exitCode).toBe(0);
    const { accepted, duplicates } = totals(second);
    expect(accepted + duplicates).toBe(20_000);
    expect(await rows()).toBe(20_000);
  });
});

describe('dau:calculate and dau:audit', () => {
  it('calculate imported history and detect tampering', async () => {
    const events = history(1000);
    const expected = expectedDau(events);
    expect(expected.map(({ day }) => day)).toEqual(['2018-11-01', '2018-11-02']);
    expect(await runBuilt(IMPORT, [write('dau.jsonl', events)], env)).toMatchObject({ exitCode: 0 });

    const calculated = await runBuilt(CALCULATE, ['2018-10-31', '2018-11-03'], env);
    expect(calculated.exitCode).toBe(0);
    const [first, second] = expected;
    expect(calculated.output.split('\n').filter((line) => /^\d{4}-/.test(line))).toEqual([
      '2018-10-31  0  nobody was active',
      `2018-11-01  ${first!.dauCount}  (version 1)`,
      `2018-11-02  ${second!.dauCount}  (version 1)`,
      '2018-11-03  0  nobody was active',
    ]);
    expect(calculated.output).toContain('Calculated 4 days, 2 of them with actives.');

    const audited = await runBuilt(AUDIT, ['2018-11-01', '2018-11-02'], env);
    expect(audited).toMatchObject({ exitCode: 0 });
    expect(audited.output).toMatch(
      new RegExp(`^2018-11-01 +${first!.dauCount} +${first!.dauCount} +${first!.dauCount} +–`, 'm'),
    );
    expect(audited.output).toContain('No drift in 2 days.');
    const span = await runBuilt(AUDIT, ['2018-10-31', '2018-11-03', '--json'], env);
    expect((JSON.parse(span.output.slice(span.output.indexOf('{'))) as AuditResult).days).toMatchObject([
      { day: '2018-10-31', log: 0, drift: [] },
      { day: '2018-11-01', log: first!.dauCount, stored: first!.dauCount },
      { day: '2018-11-02', log: second!.dauCount },
      { day: '2018-11-03', log: 0 },
    ]);

    const service = await deployment.start();
    const answer = await request(`${service.url}/analytics/dau?startDate=2018-10-01&endDate=2018-11-30`, {
      token: signToken({ userId: '1' }),
    });
    await service.stop();
    expect(countsOf(answer.body)).toEqual({ data: expected, total: 2 });

    await stored.rows(
      `UPDATE analytics_daily_active_users SET dau_count = dau_count + 1 WHERE day = '2018-11-01'`,
    );
    await stored.rows(`DELETE FROM analytics_daily_actives WHERE day = '2018-11-02' AND level = 0 AND identity =
                       (SELECT min(identity) FROM analytics_daily_actives WHERE day = '2018-11-02' AND level = 0)`);
    const tampered = await runBuilt(AUDIT, ['2018-11-01', '2018-11-02'], env);
    expect(tampered.exitCode).toBe(1);
    const differences = [...tampered.output.matchAll(/^ +drift: (.+)$/gm)].map(
      ([, difference]) => difference,
    );
    expect(differences).toEqual([
      `stored stats says ${first!.dauCount + 1} in all, the log ${first!.dauCount}`,
      `active set says ${second!.dauCount - 1} in all, the log ${second!.dauCount}`,
    ]);
    expect(tampered.output).toContain('Drift in 2 of 2 days.');
  });

  it('audit the last eight days by default', async () => {
    await waitFor(() => millisecondsToMidnight() > 15_000, 20_000, {
      what: 'the day has changed in Shanghai',
    });
    const { exitCode, output } = await runBuilt(AUDIT, [], env);
    expect(exitCode).toBe(0);
    const days = output.split('\n').flatMap((line) => /^\d{4}-\d\d-\d\d/.exec(line)?.[0] ?? []);
    expect(days).toEqual([7, 6, 5, 4, 3, 2, 1, 0].map((ago) => daysAgo(ago, shanghaiDay())));
  });

  it('exit with 2 on an invalid command line', async () => {
    const cases: readonly (readonly [command: string, args: readonly string[]])[] = [
      [CALCULATE, []],
      [CALCULATE, ['2025-02-30']],
      [CALCULATE, ['2025-01-02', '2025-01-01']],
      [CALCULATE, ['2125-01-01']],
      [CALCULATE, ['2025-01-01', '2025-01-02', '2025-01-03']],
      [AUDIT, ['yesterday']],
      [AUDIT, ['2025-01-01', '2125-01-01']],
    ];
    const results = await Promise.all(cases.map(([command, args]) => runBuilt(command, args, env)));
    for (const { exitCode, output } of results) {
      expect(exitCode).toBe(2);
      expect(output.trim()).toMatch(
        /^((FIRST|LAST)-DAY .+|Unexpected argument .+)\nUsage: npm run .+\nIts help: npm run .+$/,
      );
    }
  });

  it('report an unavailable database without its password', async () => {
    const unavailable = { DATABASE_URL: 'postgresql://someone:a-secret-password@127.0.0.1:1/nothing' };
    const { exitCode, output } = await runBuilt(CALCULATE, ['2025-01-01'], unavailable);
    expect(exitCode).toBe(1);
    expect(output).toContain('cannot reach its database');
    expect(output).not.toMatch(/a-secret-password|\n +at /);
  });
});
