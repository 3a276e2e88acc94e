import type { LinkMode } from './link-mode.js';

/** The connections to one store, which faults treat as one. */
export interface Link {
  /** Changes what happens to open and new connections; bytes that were held back follow. */
  setMode(mode: LinkMode): void;
  /** Resets every open connection. */
  cut(): void;
  /** Makes every open connection silent for good; new ones work. */
  silenceOpenConnections(): void;
}

/** Treats the links to several servers of one store alike. */
export class LinkGroup implements Link {
  constructor(private readonly links: readonly Link[]) {}

  setMode(mode: LinkMode): void {
    for (const link of this.links) link.setMode(mode);
  }

  cut(): void {
    for (const link of this.links) link.cut();
  }

  silenceOpenConnections(): void {
    for (const link of this.links) link.silenceOpenConnections();
  }
}
