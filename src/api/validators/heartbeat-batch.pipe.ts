import { Injectable, type PipeTransform } from '@nestjs/common';
import { itemsOf } from './batch-envelope.js';

export const MAX_HEARTBEATS = 1000;

/** Checks the envelope of a gateway's heartbeats; a bad one among them must not fail the others. */
@Injectable()
export class HeartbeatBatchPipe implements PipeTransform<unknown, readonly unknown[]> {
  /** @throws ApplicationException `batch_invalid` */
  transform(body: unknown): readonly unknown[] {
    return itemsOf(body, 'heartbeats', MAX_HEARTBEATS);
  }
}
