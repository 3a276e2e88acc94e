import type { Scenario } from '../scenario.js';
import { MINUTE, RESET, SECOND } from '../stage.js';

const KIB = 1024;

/** Scenarios about events on a good network, and about the limits of a request. */
export const DELIVERY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'thirty events within three seconds',
    rules: ['R6'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(15 * SECOND);
      const numbers: number[] = [];
      for (let second = 0; second < 3; second += 1) {
        numbers.push(...(await stage.track(10)));
        await stage.advance(SECOND);
      }
      await stage.advance(MINUTE);
      const requests = stage.batches.filter(({ events }) => events.some(({ n }) => n !== undefined));
      stage.expect(
        'R6',
        requests.length <= 3,
        `${requests.length} requests carried 30 events of three seconds`,
      );
      stage.expectConfirmed('R6', numbers, 'within a minute');
    },
  },
  {
    name: 'the app crashes without a network',
    rules: ['R2'],
    async play(stage) {
      stage.server.events = () => RESET;
      await stage.start();
      await stage.foreground();
      const trackedMs = stage.deviceMs;
      const numbers = await stage.track(5);
      await stage.advance(5 * SECOND);
      await stage.crashAndStart();
      stage.server.events = () => ({ kind: 'verdicts' });
      await stage.foreground();
      await stage.advanceUntilConfirmed(numbers, 2 * MINUTE);
      stage.expectConfirmed('R2', numbers, 'within two minutes of the restart');
      const times = numbers.flatMap((number) =>
        stage.arrivalsOf(number).map(({ event }) => event.fields['clientTs']),
      );
      const moved = times.filter((time) => Math.abs(Number(time) * 1000 - trackedMs) > 3 * SECOND);
      stage.expect('R2', moved.length === 0, `${moved.length} times were not those of the events`);
    },
  },
  {
    name: '1,200 small events and 1.2 MB of large ones wait for a network',
    rules: ['R5'],
    async play(stage) {
      stage.server.events = () => RESET;
      await stage.start();
      await stage.foreground();
      const numbers = [...(await stage.track(1200)), ...(await stage.track(40, 'x'.repeat(30 * KIB)))];
      stage.server.events = () => ({ kind: 'verdicts' });
      await stage.advanceUntilConfirmed(numbers, 30 * MINUTE);
      stage.expectConfirmed('R5', numbers, 'within half an hour');
    },
  },
  {
    name: 'the app leaves the foreground',
    rules: ['R19'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      const numbers = await stage.track(3);
      await stage.background();
      await stage.advance(SECOND);
      stage.expectConfirmed('R19', numbers, 'within a second of leaving');
    },
  },
  {
    name: 'a slow link',
    rules: ['R17'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      stage.server.events = () => ({ kind: 'held' });
      const numbers = await stage.track(3);
      await stage.background();
      await stage.foreground();
      numbers.push(...(await stage.track(3)));
      await stage.background();
      await stage.advance(5 * SECOND);
      stage.server.events = () => ({ kind: 'verdicts' });
      stage.server.release();
      await stage.advanceUntilConfirmed(numbers, 2 * MINUTE);
      stage.expectConfirmed('R17', numbers, 'within two minutes of the answer');
    },
  },
  {
    name: 'a batch that is too large, and an event that is',
    rules: ['R13'],
    async play(stage) {
      await stage.start();
      const numbers = await stage.track(20);
      const large = numbers[6];
      const small = numbers.filter((number) => number !== large);
      stage.server.events = ({ events }) =>
        events.length > 4 || events.some(({ n }) => n === large)
          ? { kind: 'problem', status: 413, code: 'body_too_large' }
          : { kind: 'verdicts' };
      await stage.foreground();
      await stage.advanceUntilConfirmed(small, 5 * MINUTE);
      stage.expectConfirmed('R13', small, 'within five minutes, though the service takes four at a time');
      await stage.advance(5 * MINUTE);
      const alone = stage.arrivalsOf(large ?? 0).filter(({ arrival }) => arrival.events.length === 1).length;
      stage.expect('R13', alone <= 3, `an event that is too large on its own was sent ${alone} times alone`);
    },
  },
];
