import type { Link } from '../proxy/link.js';

/** The connections of one replica to a store, and the settings that lead the replica through them. */
export interface StoreLink {
  readonly link: Link;
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}
