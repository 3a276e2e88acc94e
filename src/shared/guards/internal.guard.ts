import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Configuration } from '../../config/configuration.js';
import { ApplicationException } from '../exceptions/application.exception.js';

/** For services of the platform: `X-Internal-Api-Key`. Without a configured key everything is refused. */
@Injectable()
export class InternalGuard implements CanActivate {
  private readonly keyHash: Buffer | null;

  constructor(config: ConfigService<Configuration, true>) {
    const key = config.get('app.internalApiKey', { infer: true });
    this.keyHash = key === null ? null : hash(key);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    const given = headers['x-internal-api-key'];
    // Hashes have one length, so comparing them tells nothing about the key, not even its length.
    if (this.keyHash !== null && typeof given === 'string' && timingSafeEqual(hash(given), this.keyHash))
      return true;
    throw new ApplicationException(
      'internal_key_invalid',
      'unauthenticated',
      'Send the key of the internal API as "X-Internal-Api-Key".',
    );
  }
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
