import { DauPanel } from './dau/dau-panel.js';
import type { Panel } from './panel.js';

/** The panels in the order of the page. A panel is a folder; README.md tells how to add one. */
export const PANELS: readonly { readonly name: string; readonly Panel: Panel }[] = [
  { name: 'dau', Panel: DauPanel },
];
