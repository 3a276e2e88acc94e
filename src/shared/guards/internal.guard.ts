import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Configuration } from '../../config/configuration.js';
import { ApplicationException } from '../exceptions/application.exception.js';

/**
 * Demands any of the configured keys in `X-Internal-Api-Key`, which lets an operator rotate them. Refuses
 * everything when no key is configured.
 */
@Injectable()
export class InternalGuard implements CanActivate {
  private readonly keyHashes: readonly Buffer[];

  constructor(config: ConfigService<Configuration, true>) {
    this.keyHashes = config.get('app.internalApiKeys', { infer: true }).map(hash);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    const given = headers['x-internal-api-key'];
    if (typeof given === 'string' && this.isKey(given)) return true;
    throw new ApplicationException('internal_key_invalid');
  }

  /** Compares hashes of equal length against all keys, so that the time reveals nothing. */
  private isKey(given: string): boolean {
    const givenHash = hash(given);
    return this.keyHashes.filter((key) => timingSafeEqual(givenHash, key)).length > 0;
  }
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
