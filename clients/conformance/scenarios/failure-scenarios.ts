import type { Scenario } from '../scenario.js';
import type { Reply } from '../server/reply.js';
import { HELD, MINUTE, RESET, SECOND, type Stage } from '../stage.js';

const FAILURES: readonly (readonly [string, Reply])[] = [
  ['a lost answer', { kind: 'lost' }],
  ['a reset connection', RESET],
  ['500', { kind: 'problem', status: 500, code: 'internal_error' }],
  ['503', { kind: 'problem', status: 503, code: 'dependency_unavailable', retryAfterSeconds: 2 }],
  ['408', { kind: 'problem', status: 408, code: 'request_timeout' }],
];
const PAGE = '<!doctype html><title>Log in</title>';
const FOREIGN: readonly (readonly [string, Reply])[] = [200, 302, 403, 404].map((status) => [
  `a page with status ${status}`,
  { kind: 'foreign', status, type: 'text/html', body: PAGE },
]);

/** Lets the first two requests fail in one way, and then none. */
async function failTwice(stage: Stage, reply: Reply): Promise<number[]> {
  let failures = 2;
  stage.server.events = () => {
    failures -= 1;
    return failures >= 0 ? reply : { kind: 'verdicts' };
  };
  const numbers = await stage.track(3);
  await stage.advanceUntilConfirmed(numbers, 10 * MINUTE);
  return numbers;
}

/** Scenarios about a service and a network that fail. */
export const FAILURE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'answers are lost, and the service fails',
    rules: ['R8'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      for (const [what, reply] of FAILURES) {
        const numbers = await failTwice(stage, reply);
        stage.expectConfirmed('R8', numbers, `within ten minutes after ${what}, twice`);
      }
    },
  },
  {
    name: 'a network asks for a login',
    rules: ['R9'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      for (const [what, reply] of FOREIGN) {
        const numbers = await failTwice(stage, reply);
        stage.expectConfirmed('R9', numbers, `within ten minutes after ${what}, twice`);
      }
    },
  },
  {
    name: 'the service is unreachable for twenty minutes, twice',
    rules: ['R10'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      const first = await sendIntoOutage(stage);
      const second = await sendIntoOutage(stage);
      for (const gaps of [first, second]) {
        const attempts = gaps.length + 1;
        stage.expect('R10', attempts >= 4, `only ${attempts} attempts in twenty minutes`);
        stage.expect('R10', attempts <= 40, `${attempts} attempts in twenty minutes`);
        const early = sum(gaps.slice(0, 3));
        const late = sum(gaps.slice(-3));
        stage.expect(
          'R10',
          late >= 2 * early,
          `three waits took ${early} s at first and ${late} s at the end`,
        );
      }
      const isEqual = first.join() === second.join();
      stage.expect('R10', !isEqual, `the waits were the same in both outages: ${first.join(', ')} s`);
    },
  },
  {
    name: 'the service asks to wait',
    rules: ['R11'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      for (const [status, code] of [
        [429, 'rate_limited'],
        [503, 'overloaded'],
      ] as const) {
        await stage.advance(MINUTE);
        const waitSeconds = 90;
        const from = stage.batches.length;
        let startMs = Infinity;
        stage.server.events = ({ atMs }) => {
          if (startMs !== Infinity) return { kind: 'verdicts' };
          startMs = atMs;
          return { kind: 'problem', status, code, retryAfterSeconds: waitSeconds };
        };
        const numbers = await stage.track(3);
        await stage.background();
        await stage.foreground();
        await stage.advanceUntilConfirmed(numbers, 10 * MINUTE);
        const early = stage.batches
          .slice(from + 1)
          .filter(({ atMs }) => atMs < startMs + (waitSeconds - 1) * SECOND);
        stage.expect('R11', early.length === 0, `${early.length} requests within Retry-After of a ${status}`);
        const lateMs = (stage.batches.at(-1)?.atMs ?? Infinity) - startMs;
        const isSoon = lateMs <= (waitSeconds + 120) * SECOND;
        stage.expect('R11', isSoon, `the events followed a ${status} two minutes after Retry-After or later`);
      }
    },
  },
  {
    name: 'an answer never comes',
    rules: ['R18'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      let firstMs: number | null = null;
      stage.server.events = ({ atMs }) => {
        firstMs ??= atMs;
        return atMs - firstMs < 10 * SECOND ? HELD : { kind: 'verdicts' };
      };
      const numbers = await stage.track(3);
      await stage.advanceUntilConfirmed(numbers, 4 * MINUTE);
      stage.expectConfirmed(
        'R18',
        numbers,
        'within four minutes, though the answers stayed away for ten seconds only',
      );
    },
  },
  {
    name: 'one event spoils its batch',
    rules: ['R14'],
    async play(stage) {
      await stage.start();
      const numbers = await stage.track(12);
      const bad = numbers[4] ?? 0;
      const good = numbers.filter((number) => number !== bad);
      stage.server.events = ({ events }) =>
        events.some(({ n }) => n === bad)
          ? { kind: 'problem', status: 400, code: 'request_malformed' }
          : { kind: 'verdicts' };
      await stage.foreground();
      await stage.advanceUntilConfirmed(good, 5 * MINUTE);
      stage.expectConfirmed('R14', good, 'within five minutes, beside an event that is refused');
      const before = stage.arrivalsOf(bad).length;
      await stage.advance(10 * MINUTE);
      const after = stage.arrivalsOf(bad).length;
      stage.expect('R14', after === before, `the refused event was sent again ${after - before} times`);
    },
  },
];

/** Returns the waits between attempts, in seconds; the events are confirmed at the end. */
async function sendIntoOutage(stage: Stage): Promise<number[]> {
  stage.server.events = () => RESET;
  const from = stage.batches.length;
  const numbers = await stage.track(1);
  await stage.advance(20 * MINUTE);
  const times = stage.batches.slice(from).map(({ atMs }) => atMs / SECOND);
  stage.server.events = () => ({ kind: 'verdicts' });
  await stage.advanceUntilConfirmed(numbers, 20 * MINUTE);
  stage.expectConfirmed('R10', numbers, 'within twenty minutes of the end of an outage');
  return times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
