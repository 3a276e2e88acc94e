import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { daysAgo, event, startOfShanghaiDay, type WireEvent } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { temporaryDirectory } from '../support/processes.js';
import { countsOf } from './support/dau-oracle.js';
import { runBuilt, type ProgramResult, type Service, type Settings } from '../support/service.js';

const RETENTION = 'src/cli/retention.js';
const LIMITS: Settings = { RETENTION_DAYS_EVENTS: '30', RETENTION_DAYS_ACTIVES: '60' };
/** Past both limits, past the limit of the log alone, past none; and past both with active users not yet counted. */
const [ANCIENT, OLD, RECENT, MARKED] = [daysAgo(100), daysAgo(45), daysAgo(25), daysAgo(70)];

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
  service = await deployment.start();
  await importEvents(
    'history',
    [ANCIENT, OLD, RECENT, MARKED].flatMap((day) => sessions(day, 4)),
  );
  await runBuilt('src/cli/dau-calculate.js', [ANCIENT, RECENT], env);
  await deployment.stored.rows(
    "UPDATE analytics_daily_active_users SET calculated_at = calculated_at - interval '8 days'",
  );
  await deployment.stored.rows('INSERT INTO analytics_dau_pending (day) VALUES ($1)', [MARKED]);
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

/** Returns the result, which follows the progress. */
function jsonOf({ output }: ProgramResult): unknown {
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
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

  it('lists in a dry run what it would drop; a run drops it, and ends with 1 because a day is kept', async () => {
    const dry = await runBuilt(RETENTION, ['--dry-run', '--json'], env);
    expect(dry.exitCode).toBe(0);
    expect(jsonOf(dry)).toMatchObject({
      dropped: [
        { data: 'events', day: ANCIENT, rows: 4 },
        { data: 'actives', day: ANCIENT, rows: 8 },
        { data: 'events', day: OLD, rows: 4 },
      ],
      kept: [
        { data: 'events', day: MARKED },
        { data: 'actives', day: MARKED },
      ],
      ended: 'done',
      dryRun: true,
      days: { events: 30, actives: 60 },
    });
    expect(await deployment.stored.counts()).toMatchObject({ log: 16, actives: 32 });

    const { exitCode, output } = await runBuilt(RETENTION, [], env);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^3 partitions dropped, \d+\.\d kB; 2 partitions past the limit kept, /m);
    expect(output).toMatch(new RegExp(`^${MARKED}  events .*  kept: its? `, 'm'));
    expect(await deployment.stored.counts()).toMatchObject({ log: 8, actives: 24 });
  });
});

describe('after retention', () => {
  it.each([
    ['both', ANCIENT],
    ['the log', OLD],
    ['nothing', RECENT],
  ])('the figures of a day that lost %s are answered as before', async (_, day) => {
    expect(countsOf(await dauOf(day))).toEqual(answerOf(day));
  });

  it('an audit says what is gone and finds no drift', async () => {
    const audit = await runBuilt('src/cli/dau-audit.js', [ANCIENT, OLD, '--json'], env);
    expect(audit.exitCode).toBe(0);
    const { days } = jsonOf(audit) as { days: { day: string }[] };
    expect(days.filter(({ day }) => day === ANCIENT || day === OLD)).toEqual([
      { day: ANCIENT, log: null, activeSet: null, stored: 4, bits: 4, realtime: null, drift: [] },
      { day: OLD, log: null, activeSet: 4, stored: 4, bits: 4, realtime: null, drift: [] },
    ]);
  });

  it('a calculation changes no figure and goes on to the other days', async () => {
    const calculation = await runBuilt('src/cli/dau-calculate.js', [ANCIENT, OLD, '--json'], env);
    expect(calculation.exitCode).toBe(0);
    const { days } = jsonOf(calculation) as { days: { day: string }[] };
    expect(days.filter(({ day }) => day === ANCIENT || day === OLD)).toEqual([
      { day: ANCIENT, dauCount: 4, version: 1, kept: false },
      { day: OLD, dauCount: 4, version: 1, kept: false },
    ]);
    expect(countsOf(await dauOf(ANCIENT))).toEqual(answerOf(ANCIENT));
  });

  it('an import of a dropped day raises its figures by the users who were not there, once', async () => {
    const events = [...sessions(ANCIENT, 2), ...sessions(OLD, 1)];
    for (const verdict of ['3 accepted, 0 duplicates', '0 accepted, 3 duplicates']) {
      const { exitCode, output } = await importEvents('again', events);
      expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining(verdict) });
      await runBuilt('src/cli/dau-calculate.js', [ANCIENT, OLD], env);
      expect(await dauOf(ANCIENT)).toMatchObject({
        data: [{ dauCount: 6, byProvince: { 广东省: 6 }, version: 2 }],
      });
      expect(await dauOf(OLD)).toMatchObject({ data: [{ dauCount: 5 }] });
    }
    expect(await runBuilt('src/cli/dau-audit.js', [ANCIENT, OLD], env)).toMatchObject({ exitCode: 0 });
  });

  it('a device is told that its event is too old for a dropped day', async () => {
    const { status, body } = await postJson(`${service.url}/analytics/events`, {
      events: [sessions(ANCIENT, 1)[0], event()],
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { accepted: 1, failed: 1, rejected: [{ index: 0, code: 'event_too_old' }] },
    });
  });

  it('an import rejects session starts of a day whose bits are gone, too, and stores everything else', async () => {
    await deployment.stored.rows('DELETE FROM analytics_active_bits WHERE day = $1', [ANCIENT]);
    const [closed] = sessions(ANCIENT, 1);
    const played = { ...event(), eventName: 'song_played', clientTs: closed!.clientTs };
    const { exitCode, output } = await importEvents('closed', [closed!, played]);
    expect(exitCode).toBe(1);
    expect(output).toContain('2 lines: 1 accepted, 0 duplicates, 1 rejected');
    expect(output).toContain(`it is of ${ANCIENT}: drop the event`);
    const lenient = await deployment.start({ EVENT_MAX_AGE_DAYS: '120' });
    const { body } = await postJson(`${lenient.url}/analytics/events`, { events: [sessions(ANCIENT, 1)[0]] });
    expect(body).toMatchObject({
      failed: 1,
      rejected: [{ index: 0, code: 'day_closed', field: 'clientTs' }],
    });
    await runBuilt('src/cli/dau-calculate.js', [ANCIENT], env);
    expect(await dauOf(ANCIENT)).toMatchObject({ data: [{ dauCount: 6, version: 2 }] });
  });
});
