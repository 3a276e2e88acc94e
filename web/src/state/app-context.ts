import { createContext } from 'preact';
import type { Api } from '../api/client.js';
import type { LiveConnection } from '../api/live.js';
import type { ResourceCache } from '../api/resource-cache.js';
import type { ServerClock } from '../api/server-clock.js';
import type { Session } from '../api/session.js';
import type { LiveFigures } from './live-figures.js';
import type { SettingsStore } from './settings.js';
import type { Today } from './today.js';
import type { Troubles } from './troubles.js';

/** Parts of the page; `main.tsx` puts them together. */
export interface AppParts {
  readonly api: Api;
  readonly session: Session;
  readonly settings: SettingsStore;
  readonly clock: ServerClock;
  readonly resources: ResourceCache;
  readonly today: Today;
  readonly troubles: Troubles;
  readonly live: { readonly connection: LiveConnection; readonly figures: LiveFigures };
}

// The page is never drawn without its parts.
export const AppContext = createContext<AppParts>(undefined as unknown as AppParts);
