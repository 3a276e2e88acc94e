import type { Scenario } from '../scenario.js';
import { MINUTE, RESET, SECOND, type Stage } from '../stage.js';

const USER = '3003';
const HOUR = 60 * MINUTE;
const SESSION_START = 'app_session_start';

function sessionStarts(stage: Stage): number {
  const all = [...stage.server.stored.values()].filter(({ fields }) => fields['eventName'] === SESSION_START);
  return all.length;
}

/** Opens the app for a minute. @returns the sessions that were begun */
async function visit(stage: Stage): Promise<number> {
  const before = sessionStarts(stage);
  await stage.foreground();
  await stage.advance(MINUTE);
  await stage.background();
  return sessionStarts(stage) - before;
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

/** Sets the clock between an event and its first attempt, and again between two attempts. */
async function changeClock(stage: Stage, byMs: number): Promise<void> {
  await stage.start();
  await stage.foreground();
  await stage.advance(MINUTE);
  const [number = 0] = await stage.track(1);
  const trueMs = stage.nowMs;
  const wasSent = stage.arrivalsOf(number).length > 0;
  await stage.setClock(byMs);
  await stage.background();
  await stage.advanceUntilConfirmed([number], 5 * MINUTE);
  const seconds = Number(stage.arrivalsOf(number)[0]?.event.fields['clientTs']);
  const errorMs = Math.abs(seconds * 1000 - (trueMs + byMs));
  const isGivenUp = stage.arrivalsOf(number).length === 0 && stage.dropped.length > 0;
  stage.expect(
    'R23',
    wasSent || isGivenUp || errorMs <= 5 * SECOND,
    `the event is ${errorMs} ms off the clock of sentAt`,
  );
  // Both attempts must be equal, although the clock is set between them: rule R3.
  let failures = 1;
  stage.server.events = () => {
    failures -= 1;
    return failures >= 0 ? RESET : { kind: 'verdicts' };
  };
  await stage.foreground();
  const again = await stage.track(1);
  await stage.advanceUntil(() => failures < 1, MINUTE);
  await stage.setClock(byMs);
  await stage.advanceUntilConfirmed(again, 10 * MINUTE);
}

/** Scenarios about foreground, sessions, heartbeats, the clock and the room on a device. */
export const DEVICE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'short and long absences',
    rules: ['R20'],
    async play(stage) {
      await stage.start();
      const launched = await visit(stage);
      stage.expect('R20', launched === 1, `a launch made ${launched} sessions`);
      await stage.advance(25 * SECOND);
      const short = await visit(stage);
      stage.expect('R20', short === 0, `a return after 25 s made ${short} sessions`);
      await stage.advance(35 * SECOND);
      const long = await visit(stage);
      stage.expect('R20', long === 1, `a return after 35 s made ${long} sessions`);
    },
  },
  {
    name: 'foreground and background with and without a user',
    rules: ['R21'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(2 * MINUTE);
      const anonymous = stage.heartbeats.length;
      stage.expect('R21', anonymous === 0, `${anonymous} heartbeats without a user`);
      await stage.login(USER);
      await stage.advance(5 * MINUTE);
      const visible = stage.heartbeats.map(({ atMs }) => atMs);
      stage.expect(
        'R21',
        visible.length >= 5 && visible.length <= 7,
        `${visible.length} heartbeats in five minutes`,
      );
      const uneven = gapsOf(visible).filter((gap) => gap < 55 * SECOND || gap > 65 * SECOND);
      stage.expect('R21', uneven.length === 0, `waits between heartbeats of ${uneven.join(' and ')} ms`);
      await stage.background();
      const before = stage.heartbeats.length;
      await stage.advance(3 * MINUTE);
      const hidden = stage.heartbeats.length - before;
      stage.expect('R21', hidden === 0, `${hidden} heartbeats in the background`);
      await stage.foreground();
      await stage.advance(3 * SECOND);
      stage.expect(
        'R21',
        stage.heartbeats.length === before + 1,
        'a return after three minutes made no heartbeat',
      );
      const users = new Set(stage.heartbeats.map(({ tokenUser }) => tokenUser));
      stage.expect(
        'R21',
        users.size <= 1 && !users.has(null),
        'a heartbeat came without the token of its user',
      );
    },
  },
  {
    name: 'heartbeats fail for five minutes',
    rules: ['R22'],
    async play(stage) {
      await stage.start();
      await stage.login(USER);
      await stage.foreground();
      await stage.advance(2 * MINUTE);
      stage.server.heartbeats = () => RESET;
      await stage.advance(5 * MINUTE);
      stage.server.heartbeats = () => ({ kind: 'verdicts' });
      await stage.advance(3 * MINUTE);
      const close = gapsOf(stage.heartbeats.map(({ atMs }) => atMs)).filter((gap) => gap < 10 * SECOND);
      stage.expect('R22', close.length === 0, `${close.length} heartbeats came within 10 s of another one`);
      const last = stage.heartbeats.at(-1);
      const isBack = stage.nowMs - (last?.confirmedMs ?? 0) <= 65 * SECOND;
      stage.expect('R22', isBack, 'no heartbeat followed the failures');
    },
  },
  {
    name: 'the clock is set back by an hour',
    rules: ['R23'],
    play: (stage) => changeClock(stage, -HOUR),
  },
  {
    name: 'the clock is set forward by an hour',
    rules: ['R23'],
    needs: 'setClockForward',
    play: (stage) => changeClock(stage, HOUR),
  },
  {
    name: 'more events than the queue may hold',
    rules: ['R24'],
    async play(stage) {
      stage.server.events = () => RESET;
      await stage.start({ maxQueuedEvents: 100 });
      await stage.foreground();
      const numbers = await stage.track(150);
      await stage.advance(MINUTE);
      stage.server.events = () => ({ kind: 'verdicts' });
      await stage.advance(15 * MINUTE);
      const kept = stage.server.stored.size;
      stage.expect('R24', kept <= 100, `${kept} events came out of a queue for 100`);
      stage.expect('R24', sessionStarts(stage) === 1, 'the session start was evicted before other events');
      stage.expectConfirmed('R24', numbers.slice(-50), 'although they were the newest');
    },
  },
];
