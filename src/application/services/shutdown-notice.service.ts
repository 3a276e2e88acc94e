import { Injectable } from '@nestjs/common';
import type { IShutdownNotice } from '../ports/shutdown-notice.port.js';

@Injectable()
export class ShutdownNotice implements IShutdownNotice {
  private announced = false;

  get isAnnounced(): boolean {
    return this.announced;
  }

  announce(): void {
    this.announced = true;
  }
}
