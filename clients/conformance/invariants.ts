import type { Finding, Stage } from './stage.js';
import type { RuleId } from './rules.js';
import type { Arrival, ArrivedEvent } from './server/arrival.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIME_TOLERANCE_MS = 3_000;

interface Sighting {
  readonly arrival: Arrival;
  readonly event: ArrivedEvent;
}

/** Rules that every scenario judges by everything that arrived. */
export const INVARIANT_RULES: readonly RuleId[] = ['R1', 'R3', 'R4', 'R5', 'R7', 'R17'];

/** Returns at most one finding for each rule. */
export function judgeArrivals(stage: Stage): Finding[] {
  const batches = stage.batches;
  const sightings = group(batches);
  const find = (rule: RuleId, text: string | undefined): Finding[] =>
    text === undefined ? [] : [{ rule, text }];
  return [
    ...find('R1', wrongId(sightings)),
    ...find('R3', first(sightings, changed)),
    ...find(
      'R4',
      batches.map(staleTime).find((text) => text !== undefined),
    ),
    ...find(
      'R5',
      batches.map(({ mistake }) => mistake ?? undefined).find((text) => text !== undefined),
    ),
    ...find('R7', first(sightings, sentAfterVerdict)),
    ...find(
      'R17',
      batches.some(({ doubled }) => doubled.length > 0)
        ? 'an event came while another request held it'
        : undefined,
    ),
  ];
}

/** Groups what arrived by event: by the number of the kit, or by the id for events of the client's own. */
function group(batches: readonly Arrival[]): Map<string, Sighting[]> {
  const groups = new Map<string, Sighting[]>();
  for (const arrival of batches) {
    for (const event of arrival.events) {
      const key = event.n === undefined ? event.eventId : `number ${event.n}`;
      groups.set(key, [...(groups.get(key) ?? []), { arrival, event }]);
    }
  }
  return groups;
}

function first(
  groups: ReadonlyMap<string, readonly Sighting[]>,
  judge: (sightings: readonly Sighting[]) => boolean,
): string | undefined {
  for (const [key, sightings] of groups) {
    if (judge(sightings)) return `event ${key} in ${sightings.length} requests`;
  }
  return undefined;
}

function wrongId(groups: ReadonlyMap<string, readonly Sighting[]>): string | undefined {
  const owners = new Map<string, string>();
  for (const [key, sightings] of groups) {
    const ids = new Set(sightings.map(({ event }) => event.eventId));
    if (ids.size > 1) return `event ${key} came with ${ids.size} ids`;
    for (const eventId of ids) {
      if (!UUID.test(eventId)) return `eventId "${eventId}" is no UUID`;
      if (owners.has(eventId)) return `two events have the id ${eventId}`;
      owners.set(eventId, key);
    }
  }
  return undefined;
}

function changed(sightings: readonly Sighting[]): boolean {
  const texts = sightings.map(({ event }) => JSON.stringify({ ...event.fields, eventId: '' }));
  return new Set(texts).size > 1;
}

function staleTime({ sentAt, deviceMs }: Arrival): string | undefined {
  if (typeof sentAt !== 'number') return `sentAt is ${JSON.stringify(sentAt)}`;
  const offMs = Math.abs(sentAt * 1000 - deviceMs);
  return offMs > TIME_TOLERANCE_MS
    ? `sentAt is ${Math.round(offMs)} ms off the clock of the device`
    : undefined;
}

function sentAfterVerdict(sightings: readonly Sighting[]): boolean {
  const verdicts = sightings.flatMap(({ arrival, event }) =>
    arrival.confirmedMs === null || arrival.mismatched.includes(event.eventId) ? [] : [arrival.confirmedMs],
  );
  const earliestMs = Math.min(...verdicts);
  return sightings.some(({ arrival }) => arrival.atMs > earliestMs);
}
