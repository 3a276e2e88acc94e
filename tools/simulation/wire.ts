import type { DevicePlan, PlannedBatch, PlannedEvent } from './plan.js';

/** The body of `POST /analytics/events`. `sentAt` is the device's clock now: a retry tells the time of the retry. */
export function batchBody(
  device: DevicePlan,
  batch: PlannedBatch,
  startedAtMs: number,
  nowMs: number,
): string {
  const explicitUserId = batch.credentials === 'token' ? undefined : batch.userId;
  return JSON.stringify({
    events: batch.events.map((event) => eventBody(device, event, explicitUserId, startedAtMs)),
    ...(batch.tellsSentAt && { sentAt: seconds(nowMs + device.clockErrorMs) }),
  });
}

/** The body of `POST /presence/heartbeat`. */
export function heartbeatBody(device: DevicePlan, nowMs: number): string {
  return JSON.stringify({
    installId: device.installId,
    appVersion: device.appVersion,
    clientTs: seconds(nowMs + device.clockErrorMs),
  });
}

/** The instant at which an event truly happens, whatever the device's clock says; whole milliseconds. */
export function trueTimeMs(event: PlannedEvent, startedAtMs: number): number {
  return Math.round(startedAtMs + event.atMs);
}

function eventBody(
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
    clientTs: seconds(trueTimeMs(event, startedAtMs) + device.clockErrorMs),
    properties: {
      os,
      osVersion,
      appVersion,
      networkType,
      ...event.place,
      ...(event.page !== undefined && { page: event.page }),
    },
    ...(event.eventId !== undefined && { eventId: event.eventId }),
  };
  switch (event.spoiled) {
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
  return body;
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
