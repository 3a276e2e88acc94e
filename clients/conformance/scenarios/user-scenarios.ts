import type { Scenario } from '../scenario.js';
import { MINUTE, RESET, SECOND } from '../stage.js';

const ANNA = '1001';
const BORIS = '2002';

/** Scenarios about users, their tokens and verdicts on single events. */
export const USER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'another user logs in while the network is gone',
    rules: ['R15'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.login(ANNA);
      await stage.advance(MINUTE);
      stage.server.events = () => RESET;
      const hers = await stage.track(3);
      await stage.advance(30 * SECOND);
      await stage.logout();
      await stage.login(BORIS);
      const his = await stage.track(3);
      await stage.advance(30 * SECOND);
      stage.server.events = () => ({ kind: 'verdicts' });
      await stage.advanceUntilConfirmed([...hers, ...his], 10 * MINUTE);
      await stage.logout();
      await stage.login(ANNA);
      await stage.advanceUntilConfirmed(hers, 10 * MINUTE);
      for (const [owner, numbers] of [
        [ANNA, hers],
        [BORIS, his],
      ] as const) {
        const arrivals = numbers.flatMap((number) => stage.arrivalsOf(number));
        const foreign = arrivals.filter(({ arrival }) => (arrival.tokenUser ?? owner) !== owner);
        stage.expect(
          'R15',
          foreign.length === 0,
          `events of ${owner} came ${foreign.length} times under another token`,
        );
        const nameless = arrivals.filter(({ event }) => event.fields['userId'] !== owner);
        stage.expect(
          'R15',
          nameless.length === 0,
          `events of ${owner} came ${nameless.length} times without her id`,
        );
        stage.expectConfirmed('R15', numbers, `although user ${owner} came back`);
      }
    },
  },
  {
    name: 'a token expires',
    rules: ['R12'],
    async play(stage) {
      await stage.start();
      await stage.login(ANNA);
      await stage.foreground();
      const before = await stage.track(1);
      await stage.advanceUntilConfirmed(before, 2 * MINUTE);
      stage.server.expireTokens();
      stage.server.tokenRequests.length = 0;
      const numbers = await stage.track(3);
      await stage.advance(2 * MINUTE);
      stage.expectConfirmed('R12', numbers, 'within two minutes of a 401');
      const refreshes = stage.server.tokenRequests.length;
      stage.expect('R12', refreshes === 1, `the expired token was refreshed ${refreshes} times`);
      const users = numbers.flatMap((number) =>
        stage
          .arrivalsOf(number)
          .filter(({ arrival }) => arrival.confirmedMs !== null)
          .map(({ arrival }) => arrival.tokenUser),
      );
      stage.expect(
        'R12',
        users.every((user) => user === ANNA),
        'events were confirmed without the new token',
      );
    },
  },
  {
    name: 'the service knows the token as that of another user',
    rules: ['R16'],
    async play(stage) {
      await stage.start();
      await stage.login(ANNA);
      await stage.foreground();
      await stage.advance(MINUTE);
      stage.server.events = ({ token }) => ({
        kind: 'verdicts',
        reject: ({ n }) => (token !== null && n !== undefined && n % 2 === 0 ? 'user_id_mismatch' : null),
      });
      const numbers = await stage.track(4);
      await stage.advanceUntilConfirmed(numbers, 3 * MINUTE);
      stage.expectConfirmed('R16', numbers, 'within three minutes, without a token');
    },
  },
  {
    name: 'the service rejects one event',
    rules: ['R25'],
    async play(stage) {
      await stage.start();
      await stage.foreground();
      await stage.advance(MINUTE);
      stage.server.events = () => ({
        kind: 'verdicts',
        reject: ({ n }) => (n === 2 ? 'event_too_old' : null),
      });
      await stage.track(3);
      await stage.advance(2 * MINUTE);
      const isReported = stage.dropped.length > 0;
      stage.expect('R25', isReported, 'a rejected event was dropped without a report');
    },
  },
];
