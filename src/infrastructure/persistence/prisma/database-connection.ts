import pg from 'pg';
import type { PostgresHost } from '../../../config/postgres-hosts.js';
import { settleWithin, startIoTimer, TimeLimitError } from '../../../shared/utils/timeout.util.js';
import { LateStatement } from './late-statement.js';
import { correctName, withoutName, type NamesOfDriver } from './pooled-names.js';
import { toLateStatement, toTransactionStart, type SessionSettings } from './session-settings.js';
import type { WriterFinder } from './writer-finder.js';

/** Backend whose connection fell silent. */
export interface SilentBackend {
  readonly processId: number;
  /** Null for the only host of the URL. */
  readonly host: PostgresHost | null;
}

/** Rules of the connections of one pool. */
export interface ConnectionRules {
  /** A statement without an answer for so long ends its connection; 0 means no limit. */
  readonly answerWithinMs: number;
  /** Startup parameter `options`; empty for none. */
  readonly startupOptions: string;
  /** Settings that each transaction makes for itself, behind a pooler that refuses startup parameters; else null. */
  readonly transactionSettings: SessionSettings | null;
  /** Chooses the host to connect to, which must take writes; without it the driver takes that of the URL. */
  readonly writer?: Pick<WriterFinder, 'find' | 'forget'>;
  /** Runs when the server has answered a statement. */
  readonly onAnswer?: () => void;
  /** @param backend null behind a pooler, which hides it; @param sentAtMs when its statement was sent */
  readonly onLate?: (backend: SilentBackend | null, sentAtMs: number) => void;
  /** Runs when the server cannot write: a standby, or the former primary after a failover. */
  readonly onWrongNode?: () => void;
  /** Holds the connections that are open, so that the pool's owner can end them. */
  readonly open?: Set<DatabaseConnection>;
}

const END_TIMEOUT_MS = 500;
const READ_ONLY = '25006';
const PROTOCOL_VIOLATION = '08P01';
/** Unnamed at the last attempt, which therefore succeeds at every server. */
const NAMED_ATTEMPTS = 3;
// 08: connection exception. 57P01 to 57P05: the server shuts down, starts, or ends the session.
const ENDS_CONNECTION = /^(08|57P0)/;
/** Names the place in PostgreSQL that warns of a commit which was acknowledged before its standby had it. */
const CANCELED_REPLICATION = 'SyncRepWaitForLSN';
/** Settings that PostgreSQL tells a client at its start: a standby, and a ban on writes. */
const BANS = new Set(['in_hot_standby', 'default_transaction_read_only']);
const WAY_OUT = '. A pooler stands between: add ?pgbouncer=true to the database URL';

/**
 * Connection that never ends the process and never returns to its pool once it is broken, silent or at the wrong node.
 * Ending the socket is enough: the driver then fails all statements, and the pool opens another connection.
 */
export class DatabaseConnection extends pg.Client {
  declare private readonly connectionParameters: { options: string };
  declare private readonly _connectionTimeoutMillis: number;
  declare readonly connection: pg.Connection & NamesOfDriver;
  declare private readonly processID: number | null;
  /** The driver's mark, by which a pool knows connections that it may not keep. */
  declare private _queryable: boolean;
  private statementsInFlight = 0;
  private isRetired = false;
  private serverVersion = 0;
  /** Settings of which the server tells at the start that they forbid writes. */
  private readonly bans = new Map<string, boolean>();
  private chosenHost: PostgresHost | null = null;
  private unreplicated: Error | null = null;

  constructor(
    config: pg.ClientConfig,
    private readonly rules: ConnectionRules,
  ) {
    super(config);
    // Set last: the driver would prefer the environment's PGOPTIONS to nothing.
    this.connectionParameters.options = rules.startupOptions;
    // An 'error' event without a listener ends the process, and no pool or adapter listens all the time.
    this.on('error', () => undefined);
    this.connection.on('errorMessage', (error: ServerMessage) => {
      this.judge(error);
    });
    this.connection.on('notice', ({ routine }: { readonly routine?: string }) => {
      if (routine !== CANCELED_REPLICATION) return;
      this.unreplicated = new Error('Connection terminated: no standby has the commit');
      this.drop(this.unreplicated);
    });
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      if (parameterName === 'server_version') this.serverVersion = parseInt(parameterValue, 10);
      if (BANS.has(parameterName)) this.bans.set(parameterName, parameterValue === 'on');
    });
    this.connection.on('readyForQuery', () => rules.onAnswer?.());
    rules.open?.add(this);
    this.connection.once('end', () => rules.open?.delete(this));
  }

  /** Makes the settings that the startup could not; a pool calls it for each new connection. */
  async prepare(): Promise<void> {
    const late = this.rules.transactionSettings === null ? toLateStatement(this.serverVersion) : null;
    if (late !== null) await this.run([late]);
  }

  /** Leads to the host that takes writes, or fails, where the URL names hosts to choose from. */
  override connect(...call: unknown[]): never {
    const { writer } = this.rules;
    if (writer === undefined) return super.connect(...(call as [])) as never;
    const connected = this.connectTo(writer);
    const [callback] = call as [((error?: unknown) => void)?];
    if (callback === undefined) return connected as never;
    connected.then(() => {
      callback();
    }, callback);
    return undefined as never;
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
      const result = await this.sendWithSettings(call);
      // The answer may be in the packet of the warning, which the driver reads to its end.
      if (this.unreplicated !== null) throw this.unreplicated;
      return result;
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

  private async connectTo(writer: Pick<WriterFinder, 'find' | 'forget'>): Promise<void> {
    try {
      this.chosenHost = await settleWithin(writer.find(), this._connectionTimeoutMillis);
      // The driver would open the socket again that its pool has closed meanwhile.
      if (this.connection.stream.destroyed) throw new Error('Connection terminated');
      Object.assign(this, this.chosenHost);
      await super.connect();
      if (!(await this.takesWrites())) throw new Error('Connection terminated: the host takes no writes');
    } catch (error) {
      if (this.chosenHost !== null) writer.forget();
      this.drop();
      this.rules.open?.delete(this);
      throw error instanceof TimeLimitError ? new Error('Connection terminated: no host answers') : error;
    }
  }

  /** A pooler says what one of its servers said long ago; it has to ask. */
  private async takesWrites(): Promise<boolean> {
    if (this.rules.transactionSettings === null && this.bans.size === BANS.size)
      return ![...this.bans.values()].includes(true);
    const answer = (await this.run(['SHOW transaction_read_only'])) as pg.QueryResult<{
      transaction_read_only: string;
    }>;
    return answer.rows[0]?.transaction_read_only === 'off';
  }

  /** Gives a statement a transaction with our settings, in the same round trip; transactions begin with them. */
  private async sendWithSettings(call: readonly unknown[]): Promise<unknown> {
    const { transactionSettings } = this.rules;
    if (transactionSettings === null || this.getTransactionStatus() !== 'I') return this.send(call);
    const begin = toTransactionStart(transactionSettings, this.serverVersion);
    const [statement, ...values] = call;
    if (textOf(statement) === 'BEGIN') return this.send([begin]);
    for (let attempt = 1; ; attempt++) {
      const sent = attempt < NAMED_ATTEMPTS ? statement : withoutName(statement);
      const outcomes = await Promise.allSettled([
        this.send([begin]),
        this.send([sent, ...values]),
        this.send(['COMMIT']),
      ]);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed === undefined) return (outcomes[1] as PromiseFulfilledResult<unknown>).value;
      if (!correctName(this.connection, sent, failed.reason)) throw failed.reason;
    }
  }

  private startLimit(): (() => void) | undefined {
    const { answerWithinMs, transactionSettings, onLate } = this.rules;
    if (answerWithinMs === 0) return undefined;
    const sentAtMs = performance.now();
    return startIoTimer(() => {
      const isPooled = transactionSettings !== null;
      this.drop(isPooled ? new LateStatement() : new Error('Query read timeout'));
      const isHidden = isPooled || this.processID === null;
      onLate?.(isHidden ? null : { processId: this.processID, host: this.chosenHost }, sentAtMs);
    }, answerWithinMs);
  }

  /** Runs before the driver hands the error to its statement. */
  private judge(error: ServerMessage): void {
    const { code = '', severity = '' } = error;
    if (code === PROTOCOL_VIOLATION && error.message.includes('startup parameter')) error.message += WAY_OUT;
    const isWrongNode = code === READ_ONLY;
    if (!isWrongNode && !ENDS_CONNECTION.test(code) && severity !== 'FATAL' && severity !== 'PANIC') return;
    this.drop();
    if (isWrongNode) this.rules.onWrongNode?.();
  }
}

interface ServerMessage {
  message: string;
  readonly code?: string;
  readonly severity?: string;
}

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
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
