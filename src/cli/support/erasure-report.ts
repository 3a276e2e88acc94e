import type { EraseIdentityResult } from '../../application/commands/erase-identity/erase-identity.command.js';
import { count } from './texts.js';

/** Writes the report of one erasure for the operator, who alone sees the identity and the receipt together. */
export function erasureReport(kind: 'user' | 'install', id: string, result: EraseIdentityResult): string {
  const { events, activeDays, claims, messages, wasInDictionary, wasPresent, installs, report } = result;
  const removed = [
    count(events, 'event'),
    `the name on ${count(activeDays, 'active day')}`,
    count(claims, 'claim'),
    count(messages, 'waiting message'),
    ...(wasInDictionary ? ['the entry in the dictionary'] : []),
    ...(wasPresent ? ['the presence'] : []),
  ];
  const lines = [
    `${result.failure !== null ? 'Failed' : result.isInterrupted ? 'Interrupted' : 'Erased'}: ${kind} ${id} · ${removed.join(', ')}. All figures stay.`,
    `Report ${report.id}, receipt ${report.receipt}: keep the receipt, which is stored nowhere.`,
  ];
  if (result.isInterrupted || result.failure !== null)
    lines.push('Run the same command again to erase the rest.');
  if (installs.length > 0) {
    lines.push(
      `Events without a user from the same installs are kept: ${installs.join(', ')} (--install erases them)`,
    );
  }
  return lines.join('\n');
}
