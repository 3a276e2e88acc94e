import type {
  AppliedFault,
  CreatedAccount,
  History,
  MachineSample,
  MemorySample,
  Operation,
  OutboxSample,
  ReplicaExit,
} from './history.js';
import type { HistoryFile, HistoryLine } from './history-file.js';

/** Keeps a history in memory for the checkers and writes it to its file as it happens. */
export class Recorder {
  readonly faults: AppliedFault[] = [];
  readonly operations: Operation[] = [];
  readonly exits: ReplicaExit[] = [];
  readonly outbox: OutboxSample[] = [];
  readonly accounts: CreatedAccount[] = [];
  readonly machine: MachineSample[] = [];
  readonly memory: MemorySample[] = [];

  constructor(private readonly file: HistoryFile) {}

  readonly addFault = (fault: AppliedFault): void => {
    this.faults.push(fault);
    this.file.write({ line: 'fault', fault });
  };

  readonly addOperation = (operation: Operation): void => {
    this.operations.push(operation);
    this.file.write({ line: 'operation', operation });
  };

  readonly addExit = (exit: ReplicaExit): void => {
    this.exits.push(exit);
    this.file.write({ line: 'exit', exit });
  };

  readonly addOutboxSample = (sample: OutboxSample): void => {
    this.outbox.push(sample);
    this.file.write({ line: 'outbox', sample });
  };

  readonly addAccount = (account: CreatedAccount): void => {
    this.accounts.push(account);
    this.file.write({ line: 'account', account });
  };

  readonly addMachineSample = (sample: MachineSample): void => {
    this.machine.push(sample);
    this.file.write({ line: 'machine', sample });
  };

  readonly addMemorySample = (sample: MemorySample): void => {
    this.memory.push(sample);
    this.file.write({ line: 'memory', sample });
  };

  write(line: HistoryLine): void {
    this.file.write(line);
  }

  /** Completes the history of a run. */
  complete(
    rest: Pick<History, 'seed' | 'replicas' | 'loadMs' | 'plan' | 'logs' | 'delivery' | 'final'>,
  ): History {
    for (const log of rest.logs) this.file.write({ line: 'log', log });
    this.file.write({ line: 'delivery', delivery: rest.delivery });
    this.file.write({ line: 'final', final: rest.final });
    const { faults, operations, exits, outbox, accounts, machine, memory } = this;
    return { ...rest, faults, operations, exits, outbox, accounts, machine, memory };
  }
}
