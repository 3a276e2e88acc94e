import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Configuration } from '../../config/configuration.js';
import { ApplicationException } from '../exceptions/application.exception.js';

/**
 * For services of the platform: `X-Internal-Api-Key`, any of those configured, so that one can be replaced while another
 * is in use. Without a configured key everything is refused.
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

  /** Hashes have one length, and all keys are compared: the time tells nothing about any of them. */
  private isKey(given: string): boolean {
    const givenHash = hash(given);
    return this.keyHashes.filter((key) => timingSafeEqual(givenHash, key)).length > 0;
  }
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
