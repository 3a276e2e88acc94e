import pg from 'pg';
import { startIoTimer } from '../../../shared/utils/timeout.util.js';
import {
  toLateStatement,
  toSessionStatements,
  toTransactionStart,
  type SessionSettings,
} from './session-settings.js';

/** Rules of the connections of one pool. */
export interface ConnectionRules {
  /** A statement without an answer for so long ends its connection; 0 means no limit. */
  readonly answerWithinMs: number;
  /** Startup parameter `options`; empty for none. */
  readonly startupOptions: string;
  /** Settings that each transaction makes for itself, behind a pooler that refuses startup parameters; else null. */
  readonly transactionSettings: SessionSettings | null;
  /** @param processId backend that did not answer; null behind a pooler, which hides it */
  readonly onSilent?: (processId: number | null) => void;
  /** Runs when the server cannot write: a standby, or the former primary after a failover. */
  readonly onWrongNode?: () => void;
  /** Holds the connections that are open, so that the pool's owner can end them. */
  readonly open?: Set<DatabaseConnection>;
}

const END_TIMEOUT_MS = 500;
const READ_ONLY = '25006';
// 08: connection exception. 57P01 to 57P05: the server shuts down, starts, or ends the session.
const ENDS_CONNECTION = /^(08|57P0)/;

/**
 * Connection that never ends the process and never returns to its pool once it is broken, silent or at the wrong node.
 * Ending the socket is enough: the driver then fails all statements, and the pool opens another connection.
 */
export class DatabaseConnection extends pg.Client {
  declare private readonly connectionParameters: { options: string };
  declare private readonly processID: number | null;
  /** The driver's mark, by which a pool knows connections that it may not keep. */
  declare private _queryable: boolean;
  private statementsInFlight = 0;
  private isRetired = false;
  private serverVersion = 0;

  constructor(
    config: pg.ClientConfig,
    private readonly rules: ConnectionRules,
  ) {
    super(config);
    // Set last: the driver would prefer the environment's PGOPTIONS to nothing.
    this.connectionParameters.options = rules.startupOptions;
    // An 'error' event without a listener ends the process, and no pool or adapter listens all the time.
    this.on('error', () => undefined);
    this.connection.on('errorMessage', (error: { readonly code?: string; readonly severity?: string }) => {
      this.judge(error);
    });
    this.connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
      if (status.parameterName === 'server_version') this.serverVersion = parseInt(status.parameterValue, 10);
    });
    rules.open?.add(this);
    this.connection.once('end', () => rules.open?.delete(this));
  }

  /** Makes the settings that the startup could not; a pool calls it for each new connection. */
  async prepare(): Promise<void> {
    const late = this.rules.transactionSettings === null ? toLateStatement(this.serverVersion) : null;
    if (late !== null) await this.run([late]);
  }

  /** Makes all settings for the rest of the session. */
  async makeSettings(settings: SessionSettings): Promise<void> {
    await this.run([toSessionStatements(settings, this.serverVersion)]);
  }

  /** Ends the connection at once; its statements fail with this error. */
  drop(error?: Error): void {
    this._queryable = false;
    this.connection.stream.destroy(error);
  }

  /** Ends the connection once no statement and no transaction is in flight. */
  retire(): void {
    // A connection that is still being made may lead to the right node.
    if (this.getTransactionStatus() === null) return;
    this.isRetired = true;
    this.dropIfRetired();
  }

  // The type `never` fits the result of each overload of the driver.
  override query(...call: unknown[]): never {
    const position = call.findIndex((part) => typeof part === 'function');
    if (position < 0) return this.run(call) as never;
    const callback = call[position] as (error: unknown, result?: unknown) => void;
    this.run(call.toSpliced(position, 1)).then((result) => {
      callback(null, result);
    }, callback);
    return undefined as never;
  }

  /** Ends the connection; a peer that does not take part in the farewell is not waited for. */
  override end(...call: unknown[]): never {
    const timer = setTimeout(() => {
      this.drop(new Error('Connection terminated'));
    }, END_TIMEOUT_MS);
    timer.unref();
    this.connection.once('end', () => {
      clearTimeout(timer);
    });
    return super.end(...(call as [])) as never;
  }

  private async run(call: readonly unknown[]): Promise<unknown> {
    this.statementsInFlight++;
    const cancelLimit = this.startLimit();
    try {
      return await this.sendWithSettings(call);
    } finally {
      cancelLimit?.();
      this.statementsInFlight--;
      this.dropIfRetired();
    }
  }

  private dropIfRetired(): void {
    const isFree = this.statementsInFlight === 0 && this.getTransactionStatus() !== 'T';
    if (this.isRetired && isFree) this.drop(new ConnectionRetired());
  }

  private send(call: readonly unknown[]): Promise<unknown> {
    return super.query(...(call as [string]));
  }

  /** Gives a statement a transaction with our settings, in the same round trip; transactions begin with them. */
  private async sendWithSettings(call: readonly unknown[]): Promise<unknown> {
    const { transactionSettings } = this.rules;
    if (transactionSettings === null || this.getTransactionStatus() !== 'I') return this.send(call);
    const begin = toTransactionStart(transactionSettings, this.serverVersion);
    if (textOf(call[0]) === 'BEGIN') return this.send([begin]);
    const outcomes = await Promise.allSettled([this.send([begin]), this.send(call), this.send(['COMMIT'])]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return (outcomes[1] as PromiseFulfilledResult<unknown>).value;
  }

  private startLimit(): (() => void) | undefined {
    const { answerWithinMs, transactionSettings, onSilent } = this.rules;
    if (answerWithinMs === 0) return undefined;
    return startIoTimer(() => {
      this.drop(new Error('Query read timeout'));
      onSilent?.(transactionSettings === null ? this.processID : null);
    }, answerWithinMs);
  }

  /** Runs before the driver hands the error to its statement. */
  private judge({ code = '', severity = '' }: { readonly code?: string; readonly severity?: string }): void {
    const isWrongNode = code === READ_ONLY;
    if (!isWrongNode && !ENDS_CONNECTION.test(code) && severity !== 'FATAL' && severity !== 'PANIC') return;
    this.drop();
    if (isWrongNode) this.rules.onWrongNode?.();
  }
}

/** Ends an idle connection on purpose. */
export class ConnectionRetired extends Error {
  override readonly name = 'ConnectionRetired';

  constructor() {
    super('Connection terminated: it is made again');
  }
}

function textOf(statement: unknown): unknown {
  return typeof statement === 'object' && statement !== null && 'text' in statement
    ? statement.text
    : statement;
}
