import { DauPanel } from './dau/dau-panel.js';
import { LifecyclePanel } from './lifecycle/lifecycle-panel.js';
import { OnlineDailyPanel } from './online-daily/online-daily-panel.js';
import { OnlineNowPanel } from './online-now/online-now-panel.js';
import { OnlineTodayPanel } from './online-today/online-today-panel.js';
import type { Panel } from './panel.js';
import { CitiesPanel } from './provinces/cities-panel.js';
import { ProvincesPanel } from './provinces/provinces-panel.js';
import { RetentionPanel } from './retention/retention-panel.js';
import { RollingPanel } from './rolling/rolling-panel.js';
import { ServiceHealthPanel } from './service-health/service-health-panel.js';

/** The panels in the order of the page. A panel is a folder; README.md tells how to add one. */
export const PANELS: readonly { readonly name: string; readonly Panel: Panel }[] = [
  { name: 'online-now', Panel: OnlineNowPanel },
  { name: 'online-today', Panel: OnlineTodayPanel },
  { name: 'service-health', Panel: ServiceHealthPanel },
  { name: 'dau', Panel: DauPanel },
  { name: 'online-daily', Panel: OnlineDailyPanel },
  { name: 'rolling', Panel: RollingPanel },
  { name: 'lifecycle', Panel: LifecyclePanel },
  { name: 'provinces', Panel: ProvincesPanel },
  { name: 'cities', Panel: CitiesPanel },
  { name: 'retention', Panel: RetentionPanel },
];
