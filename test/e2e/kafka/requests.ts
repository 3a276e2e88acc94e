import { randomUUID } from 'node:crypto';

import { expect } from '@jest/globals';

import { nowSeconds, type WireEvent } from '../../support/events.js';
import { postJson, request, signToken, type Answer } from '../../support/http.js';
import type { Service } from '../../support/service.js';

/** Stays below the 5 s that a request to a frozen Kafka takes; the service's own bound is 2 s on an idle machine. */
const BOUND_MS = 4_500;
/** Stays below the second that an attempt to reach an unavailable Kafka takes. */
const MORE_THAN_LIVENESS_MS = 400;
const HEARTBEATS = 40;

/** Codes that a busy database may cause and that a client retries; Kafka causes none of them. */
const TOO_BUSY = new Set(['database_too_slow', 'database_unavailable', 'overloaded']);

/** Posts a batch, and expects that it is accepted as a whole in time, independent of the state of Kafka. */
export async function post(service: Service, events: readonly WireEvent[]): Promise<void> {
  for (;;) {
    const answer = await postJson(`${service.url}/analytics/events`, { events });
    expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
    const { accepted, duplicates, code } = answer.body as {
      accepted: number;
      duplicates: number;
      code?: string;
    };
    if (answer.status === 503 && TOO_BUSY.has(code ?? '')) continue;
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    expect(accepted + duplicates).toBe(events.length);
    return;
  }
}

export interface Beat {
  readonly userId: string;
  readonly installId: string;
}

/** Sends a heartbeat with an install id of its own, which identifies its message. */
export async function beat(
  service: Service,
  userId: string,
  token: string,
): Promise<{ beat: Beat; answer: Answer }> {
  const installId = `install-${randomUUID()}`;
  const body = { installId, appVersion: '1', clientTs: nowSeconds() };
  const answer = await postJson(`${service.url}/presence/heartbeat`, body, { token });
  return { beat: { userId, installId }, answer };
}

/** Sends heartbeats one after the other, and expects that none waits for Kafka. */
export async function promptHeartbeats(service: Service): Promise<Beat[]> {
  const userId = '9223372036854775807';
  const token = signToken({ userId });
  const beats: Beat[] = [];
  const milliseconds: number[] = [];
  // Liveness waits for nothing, so its answers show how busy the machine is.
  const idle: number[] = [];
  for (let i = 0; i < HEARTBEATS; i++) {
    const { beat: one, answer } = await beat(service, userId, token);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    beats.push(one);
    milliseconds.push(answer.milliseconds);
    idle.push((await request(`${service.url}/health/live`)).milliseconds);
  }
  for (const each of [milliseconds, idle]) each.sort((a, b) => a - b);
  expect(milliseconds[HEARTBEATS / 2]).toBeLessThan((idle[HEARTBEATS / 2] ?? 0) + MORE_THAN_LIVENESS_MS);
  expect(milliseconds.at(-1)).toBeLessThan(BOUND_MS);
  return beats;
}

/** Returns the status and the body of `/health/ready`. */
export async function readiness(service: Service): Promise<unknown> {
  const { status, body } = await request(`${service.url}/health/ready`);
  return { httpStatus: status, ...(body as object) };
}

/** Returns the value of a series at `/metrics`; 0 when the series is missing. */
export async function metric(
  service: Service,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { text } = await request(`${service.url}/metrics`);
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find((each) => /^[^{ ]+/.exec(each)?.[0] === name && pairs.every((pair) => each.includes(pair)));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}
