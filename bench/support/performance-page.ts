import type { Results } from './results.js';
export function updatePerformancePage(results: Results): void {
  void results;
}
