import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { parseInstallId } from '../../shared/rules/install-id.rule.js';
import { BATCH_ROUTE } from './batch-limit.js';

/**
 * Returns the limiter's key of a heartbeat, or of the first event in a batch with a valid install id.
 * Invalid ids get no key, since each would be a new one. The hash keeps device ids out of Redis keys.
 */
export function installKeyOf({ body, routeOptions }: FastifyRequest): string | null {
  const installId =
    routeOptions.url === BATCH_ROUTE ? firstInstallId(fieldOf(body, 'events')) : installIdOf(body);
  return installId === null ? null : `install:${createHash('sha1').update(installId).digest('base64url')}`;
}

function firstInstallId(events: unknown): string | null {
  if (!Array.isArray(events)) return null;
  for (const event of events) {
    const installId = installIdOf(event);
    if (installId !== null) return installId;
  }
  return null;
}

function installIdOf(value: unknown): string | null {
  const verdict = parseInstallId(fieldOf(value, 'installId'));
  return 'value' in verdict ? verdict.value : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
