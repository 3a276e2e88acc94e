import type { DevicePlan, PlannedBatch, PlannedEvent } from '../planning/device-plan.js';
import { spell } from '../planning/places.js';

/** Builds the body of `POST /analytics/events`; `sentAt` is the device's clock at this attempt. */
export function buildBatchBody(
  device: DevicePlan,
  batch: PlannedBatch,
  startedAtMs: number,
  nowMs: number,
): string {
  const explicitUserId = batch.credentials === 'token' ? undefined : batch.userId;
  return JSON.stringify({
    events: batch.events.map((event) => buildEvent(device, event, explicitUserId, startedAtMs)),
    ...(batch.includesSentAt && { sentAt: toUnixSeconds(nowMs + device.clockErrorMs) }),
  });
}

/** Builds the body of `POST /presence/heartbeat`. */
export function buildHeartbeatBody(device: DevicePlan, nowMs: number): string {
  return JSON.stringify({
    installId: device.installId,
    appVersion: device.appVersion,
    clientTs: toUnixSeconds(nowMs + device.clockErrorMs),
  });
}

/** Returns when an event truly happens, in whole milliseconds, whatever the device's clock shows. */
export function trueTimeMs(event: PlannedEvent, startedAtMs: number): number {
  return Math.round(startedAtMs + event.atMs);
}

function buildEvent(
  device: DevicePlan,
  event: PlannedEvent,
  userId: string | undefined,
  startedAtMs: number,
): Record<string, unknown> {
  const { os, osVersion, appVersion, networkType, installId } = device;
  const body: Record<string, unknown> = {
    eventName: event.name,
    ...(userId !== undefined && { userId }),
    installId,
    clientTs: toUnixSeconds(trueTimeMs(event, startedAtMs) + device.clockErrorMs),
    properties: {
      os,
      osVersion,
      appVersion,
      networkType,
      ...(event.place !== undefined && spell(event.place, Math.trunc(event.atMs))),
      ...(event.page !== undefined && { page: event.page }),
    },
    ...(event.eventId !== undefined && { eventId: event.eventId }),
  };
  applyDefect(body, event.defect);
  return body;
}

function applyDefect(body: Record<string, unknown>, defect: PlannedEvent['defect']): void {
  switch (defect) {
    case undefined:
      break;
    case 'no install id':
      delete body['installId'];
      break;
    case 'short install id':
      body['installId'] = 'short';
      break;
    case 'spaces in the name':
      body['eventName'] = 'app session start';
      break;
    case 'timestamp in words':
      body['clientTs'] = 'yesterday';
      break;
    case 'user id in letters':
      body['userId'] = 'nobody';
      break;
  }
}

function toUnixSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
