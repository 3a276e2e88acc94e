import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { daysAgo, event, startOfShanghaiDay, type WireEvent } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { temporaryDirectory } from '../support/processes.js';
import { runBuilt, type ProgramResult, type Service, type Settings } from '../support/service.js';

const RETENTION = 'src/cli/retention.js';
const LIMITS: Settings = { RETENTION_DAYS_EVENTS: '30', RETENTION_DAYS_ACTIVES: '60' };
/** Past both limits, past the limit of the log alone, and past none. */
const [ANCIENT, OLD, RECENT] = [daysAgo(100), daysAgo(45), daysAgo(25)];
const NOT_DROPPED = `${daysAgo(61)}`;

// Each command starts Node.
jest.setTimeout(120_000);

let directory: string;
let deployment: Deployment;
let service: Service;
let env: Settings;

beforeAll(async () => {
  directory = temporaryDirectory('retention');
  deployment = await Deployment.create();
  env = { ...deployment.settings, ...LIMITS };
  service = await deployment.start(LIMITS);
  await importEvents(
    'history',
    [ANCIENT, OLD, RECENT].flatMap((day) => sessions(day, 4)),
  );
  await runBuilt('src/cli/dau-calculate.js', [ANCIENT, RECENT], env);
  await deployment.stored.rows(
    "UPDATE analytics_daily_active_users SET calculated_at = calculated_at - interval '8 days'",
  );
});

afterAll(async () => {
  await deployment?.remove();
  rmSync(directory, { recursive: true, force: true });
});

function sessions(day: string, count: number): WireEvent[] {
  const noon = startOfShanghaiDay(day) / 1000 + 12 * 3600;
  return Array.from({ length: count }, () => event({ clientTs: noon, properties: { province: '广东省' } }));
}

async function importEvents(name: string, events: readonly WireEvent[]): Promise<ProgramResult> {
  const file = join(directory, `${name}.jsonl`);
  writeFileSync(file, events.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return runBuilt('src/cli/events-import.js', [file], env);
}

async function dauOf(day: string): Promise<unknown> {
  const { body } = await request(`${service.url}/analytics/dau?startDate=${day}&endDate=${day}`, {
    token: signToken({ userId: '1' }),
  });
  return body;
}

const answerOf = (day: string) => ({
  data: [{ day, dauCount: 4, byProvince: { 广东省: 4 }, byCity: {} }],
  total: 1,
});

describe('npm run retention', () => {
  it('names the variables when no limit is set', async () => {
    expect(await runBuilt(RETENTION, [], deployment.settings)).toEqual({
      exitCode: 2,
      output: 'RETENTION_DAYS_EVENTS and RETENTION_DAYS_ACTIVES are not set: every day is kept\n',
    });
  });

  it('refuses a limit below what late events need, as the service does', async () => {
    const { exitCode, output } = await runBuilt(RETENTION, [], { ...env, RETENTION_DAYS_EVENTS: '16' });
    expect(exitCode).toBe(1);
    expect(output).toContain('RETENTION_DAYS_EVENTS must be at least 17 while EVENT_MAX_AGE_DAYS is 7');
  });

  it('lists in a dry run what it would drop, and drops it then', async () => {
    const dry = await runBuilt(RETENTION, ['--dry-run', '--json'], env);
    expect(dry.exitCode).toBe(0);
    const expected = [
      { data: 'events', day: ANCIENT, rows: 4 },
      { data: 'actives', day: ANCIENT, rows: 8 },
      { data: 'events', day: OLD, rows: 4 },
    ];
    expect(JSON.parse(dry.output)).toMatchObject({
      dropped: expected,
      kept: [],
      ended: 'done',
      dryRun: true,
      days: { events: 30, actives: 60 },
    });
    expect(await deployment.stored.counts()).toMatchObject({ log: 12, actives: 24 });

    const { exitCode, output } = await runBuilt(RETENTION, [], env);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^3 partitions dropped, \d+\.\d kB; 0 partitions past the limit kept, 0 B\.$/m);
    expect(await deployment.stored.counts()).toMatchObject({ log: 4, actives: 16 });

    const again = await runBuilt(RETENTION, ['--json'], env);
    expect(JSON.parse(again.output)).toMatchObject({ dropped: [], kept: [] });
  });

  it('ends with 1 and says why when a day past its limit is kept', async () => {
    await importEvents('late', sessions(NOT_DROPPED, 1));
    const { exitCode, output } = await runBuilt(RETENTION, [], env);
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      new RegExp(`^${NOT_DROPPED}  events .*kept: it gained active users that are not`, 'm'),
    );
  });
});

describe('after retention', () => {
  it.each([
    ['both', ANCIENT],
    ['the log', OLD],
    ['nothing', RECENT],
  ])('the figures of a day that lost %s are answered as before', async (_, day) => {
    expect(await dauOf(day)).toEqual(answerOf(day));
  });

  it('an audit says what is gone and finds no drift', async () => {
    const { exitCode, output } = await runBuilt('src/cli/dau-audit.js', [ANCIENT, ANCIENT], env);
    expect(exitCode).toBe(0);
    expect(output).toMatch(new RegExp(`^${ANCIENT}  dropped     dropped     4           –$`, 'm'));
    const old = await runBuilt('src/cli/dau-audit.js', [OLD, OLD, '--json'], env);
    expect(JSON.parse(old.output)).toMatchObject({
      days: [{ day: OLD, log: null, activeSet: 4, stored: 4, drift: [] }],
      drifting: 0,
    });
  });

  it('a calculation keeps the stored figures and goes on to the other days', async () => {
    const { exitCode, output } = await runBuilt('src/cli/dau-calculate.js', [ANCIENT, OLD, '--json'], env);
    expect(exitCode).toBe(0);
    const { days } = JSON.parse(output) as { days: { day: string }[] };
    expect(days.filter(({ day }) => day === ANCIENT || day === OLD)).toEqual([
      { day: ANCIENT, dauCount: 4, version: 1, kept: true },
      { day: OLD, dauCount: 4, version: 2, kept: false },
    ]);
    expect(await dauOf(ANCIENT)).toEqual(answerOf(ANCIENT));
  });

  it('an import rejects the session starts of a closed day and stores everything else', async () => {
    const closed = sessions(ANCIENT, 2);
    const { exitCode, output } = await importEvents('again', [
      ...closed,
      { ...event(), eventName: 'song_played', clientTs: closed[0]!.clientTs },
      ...sessions(OLD, 1),
    ]);
    expect(exitCode).toBe(1);
    expect(output).toContain('4 lines: 2 accepted, 0 duplicates, 2 rejected');
    expect(output).toContain(`it is of ${ANCIENT}: drop the event`);
    await runBuilt('src/cli/dau-calculate.js', [ANCIENT, OLD], env);
    expect(await dauOf(ANCIENT)).toEqual(answerOf(ANCIENT));
    expect(await dauOf(OLD)).toMatchObject({ data: [{ dauCount: 5 }] });
  });

  it('a device whose event is of a closed day learns it, when the age limit was raised since', async () => {
    const lenient = await deployment.start({ EVENT_MAX_AGE_DAYS: '120' });
    const { status, body } = await postJson(`${lenient.url}/analytics/events`, {
      events: [sessions(ANCIENT, 1)[0], event()],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 1,
      failed: 1,
      rejected: [{ index: 0, code: 'day_closed', field: 'clientTs' }],
    });
  });
});
