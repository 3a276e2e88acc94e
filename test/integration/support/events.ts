import { randomUUID } from 'node:crypto';

import { EventLog } from '../../../src/domain/entities/event-log.entity.js';
import { EventId } from '../../../src/domain/value-objects/event-id.vo.js';
import { EventName } from '../../../src/domain/value-objects/event-name.vo.js';
import { EventProperties } from '../../../src/domain/value-objects/event-properties.vo.js';
import { InstallId } from '../../../src/domain/value-objects/install-id.vo.js';
import { UserId } from '../../../src/domain/value-objects/user-id.vo.js';

export interface EventOptions {
  readonly id?: string;
  /** decimal string; null for nobody logged in */
  readonly user?: string | null;
  /** text is validated; an {@link uncheckedInstallId} is not */
  readonly install?: string | InstallId;
  readonly name?: string;
  /** event time, ISO 8601 */
  readonly at?: string;
  /** by the device's own clock; default: as `at`, which means that nothing was corrected */
  readonly deviceTime?: string | undefined;
  readonly properties?: unknown;
}

/** Noon of 2025-06-15 in Asia/Shanghai. */
export const NOON = '2025-06-15T04:00:00.000Z';
export const TODAY = '2025-06-15';

/** A session of an install nobody is logged in on, at noon; every part can be another. */
export function aSession(options: EventOptions = {}): EventLog {
  const { at = NOON, install = 'install-00000001' } = options;
  return EventLog.create({
    eventId: EventId.fromString(options.id ?? randomUUID()),
    userId: options.user === undefined || options.user === null ? null : UserId.fromString(options.user),
    installId: typeof install === 'string' ? InstallId.fromString(install) : install,
    eventName: EventName.fromString(options.name ?? 'app_session_start'),
    eventTime: new Date(at),
    clientTime: new Date(options.deviceTime ?? at),
    properties: EventProperties.fromData(options.properties),
  });
}

/** An install id that no client could have sent, as a defect of ours might let through. */
export function uncheckedInstallId(value: string): InstallId {
  const id = Object.create(InstallId.prototype) as InstallId;
  Object.defineProperty(id, 'value', { value });
  return id;
}

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: () => number, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
