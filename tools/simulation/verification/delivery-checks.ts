import type { FaultKind } from '../bookkeeping/fault-log.js';
import type { Ledger } from '../bookkeeping/ledger.js';
import { formatCount } from '../reporting/format.js';
import { createCheck, type Check } from './check.js';

/** Checks the responses to the run's own messages. An interrupted run may leave messages undelivered. */
export function deliveryChecks(ledger: Ledger, wasInterrupted: boolean): Check[] {
  return [
    ...completenessChecks(ledger, wasInterrupted),
    faultlessCheck(ledger, 'contract', 'answers keep the contract', 'all readable'),
    faultlessCheck(
      ledger,
      'sum',
      'each batch: accepted + duplicates = good events, failed = bad events',
      'all add up',
    ),
    acceptedCheck(ledger),
    duplicatesCheck(ledger),
    badEventsCheck(ledger),
  ];
}

function completenessChecks(ledger: Ledger, wasInterrupted: boolean): Check[] {
  const { batches, events, heartbeats } = ledger;
  const refused = ledger.faults.summarize('refused');
  const verdictFor = (undelivered: number): Check['verdict'] =>
    undelivered === 0 ? 'right' : wasInterrupted && refused.count === 0 ? 'open' : 'wrong';
  return [
    {
      verdict: verdictFor(batches.undelivered),
      name: 'every batch delivered',
      detail: `${formatCount(batches.delivered)} of ${formatCount(batches.due)} batches, ${formatCount(events.unsent)} events unsent`,
      samples: refused.samples,
    },
    {
      verdict: verdictFor(heartbeats.undelivered),
      name: 'every heartbeat accepted',
      detail: `${formatCount(heartbeats.accepted)} of ${formatCount(heartbeats.due)}`,
      samples: [],
    },
  ];
}

function acceptedCheck({ events, certainlyAccepted, distinctGood }: Ledger): Check {
  const uncertain = distinctGood - certainlyAccepted;
  const note =
    uncertain === 0
      ? ''
      : ` (${formatCount(uncertain)} of them first tried without an answer: may be either)`;
  return createCheck(
    'accepted = distinct good events',
    certainlyAccepted <= events.accepted && events.accepted <= distinctGood,
    { detail: `${formatCount(events.accepted)} accepted, ${formatCount(distinctGood)} distinct${note}` },
  );
}

function duplicatesCheck(ledger: Ledger): Check {
  const { events, repeatedDuplicates, repeatedGood, answeredGood } = ledger;
  const faults = ledger.faults.summarize('duplicates');
  return createCheck(
    'duplicates = events sent again',
    repeatedDuplicates === repeatedGood &&
      events.accepted + events.duplicates === answeredGood &&
      faults.count === 0,
    {
      detail: `${formatCount(repeatedDuplicates)} of ${formatCount(repeatedGood)} sent again after a whole answer, ${formatCount(events.duplicates)} in all`,
      samples: faults.samples,
    },
  );
}

function badEventsCheck({ events, answeredBad, faults }: Ledger): Check {
  const { count, samples } = faults.summarize('index');
  return createCheck(
    'bad events reported by index, neighbours stored',
    events.failed === answeredBad && count === 0,
    { detail: `${formatCount(events.failed)} reported of ${formatCount(answeredBad)} sent`, samples },
  );
}

function faultlessCheck({ faults }: Ledger, kind: FaultKind, name: string, detail: string): Check {
  const { count, samples } = faults.summarize(kind);
  return createCheck(name, count === 0, {
    detail: count === 0 ? detail : `${formatCount(count)} wrong`,
    samples,
  });
}
