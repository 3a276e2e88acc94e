import type { Ability } from './protocol.js';

export interface Rule {
  readonly id: RuleId;
  readonly title: string;
  readonly needs?: Ability;
}

const TITLES = {
  R1: 'an event gets a random UUID when it happens, and keeps it',
  R2: 'a tracked event survives a crash of the app',
  R3: 'an event is sent again unchanged',
  R4: 'sentAt is the clock of the device at each attempt',
  R5: 'a request keeps the limits: 1 to 1000 events, 1 MiB, JSON',
  R6: 'events wait for each other, and not for long',
  R7: 'a confirmed or rejected event is not sent again',
  R8: 'without an answer, and after 408 and 5xx, the events are sent again',
  R9: 'only an answer of the service confirms or refuses',
  R10: 'waits between failed attempts grow, differ and end',
  R11: 'Retry-After is kept',
  R12: 'after 401 the token is refreshed once, and the events are sent again',
  R13: 'a batch that is too large is divided',
  R14: 'one bad event does not stop its neighbours',
  R15: 'events of a user are never sent under the token of another',
  R16: 'an event with user_id_mismatch is sent again without a token',
  R17: 'an event is in one request at a time',
  R18: 'an answer is awaited for two minutes at most',
  R19: 'the queue is sent when the app leaves the foreground',
  R20: 'a launch, and a return after 30 s, begin a session',
  R21: 'a user in the foreground sends a heartbeat every 60 s',
  R22: 'a failed heartbeat is not repeated',
  R23: 'a changed clock is corrected before the first attempt, never later',
  R24: 'the queue is bounded, and session starts are evicted last',
  R25: 'an event that is given up is reported',
} as const;

export type RuleId = keyof typeof TITLES;

const NEEDS: Partial<Record<RuleId, Ability>> = { R23: 'setClock', R24: 'maxQueuedEvents', R25: 'dropped' };

/** The rules that docs/client-protocol.md states, in order. */
export const RULES: readonly Rule[] = (Object.keys(TITLES) as RuleId[]).map((id) => {
  const needs = NEEDS[id];
  return { id, title: TITLES[id], ...(needs !== undefined && { needs }) };
});
